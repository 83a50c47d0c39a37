//! What a run did and took.

use std::time::{Duration, Instant};

use chartly_plan::Counts;
use rustix::time::{ClockId, clock_gettime};

/// Counts and times of one run: running the plan, reading and writing included, compiling it not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    /// What the input held.
    pub counts: Counts,
    /// CPU time of all threads, the system's part included.
    pub cpu_seconds: f64,
    /// Time that passed.
    pub wall_seconds: f64,
    /// Threads that ran the plan.
    pub threads: usize,
}

impl Stats {
    /// Records a second of time that passed; 0 for a run too short for the clock.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "no run has 2^53 records")]
    pub fn records_per_s(&self) -> f64 {
        if self.wall_seconds > 0.0 { self.counts.records as f64 / self.wall_seconds } else { 0.0 }
    }
}

/// Both clocks at the run's begin.
pub(crate) struct Clocks {
    cpu: Duration,
    wall: Instant,
}

impl Clocks {
    pub(crate) fn start() -> Self {
        Self { cpu: process_cpu(), wall: Instant::now() }
    }

    pub(crate) fn stop(self, counts: Counts, threads: usize) -> Stats {
        let cpu_seconds = process_cpu().saturating_sub(self.cpu).as_secs_f64();
        Stats { counts, cpu_seconds, wall_seconds: self.wall.elapsed().as_secs_f64(), threads }
    }
}

fn process_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    // The clock counts up from zero; a negative part would be a broken kernel.
    Duration::new(time.tv_sec.try_into().unwrap_or_default(), time.tv_nsec.try_into().unwrap_or_default())
}

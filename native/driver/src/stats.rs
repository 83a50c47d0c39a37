//! The counts and times of a run.

use std::time::{Duration, Instant};

use chartly_plan::Counts;
use rustix::time::{ClockId, clock_gettime};

/// Counts and times of one run, including reading and writing but not compiling the plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    /// The counts of the input.
    pub counts: Counts,
    /// CPU time of all threads, including system time.
    pub cpu_seconds: f64,
    /// Elapsed time.
    pub wall_seconds: f64,
    /// Threads that ran the plan.
    pub threads: usize,
}

impl Stats {
    /// Return the records per second of elapsed time; 0 for a run too short for the clock.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "no run has 2^53 records")]
    pub fn records_per_s(&self) -> f64 {
        if self.wall_seconds > 0.0 { self.counts.records as f64 / self.wall_seconds } else { 0.0 }
    }
}

/// Both clocks at the start of the run.
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
    // The clock starts at zero, so its parts are not negative.
    Duration::new(time.tv_sec.try_into().unwrap_or_default(), time.tv_nsec.try_into().unwrap_or_default())
}

//! Declared forms of date-times: a strict subset of strftime, each directive of a known width.
//!
//! It parses text to fields and checks that they exist. The zone decides elsewhere which point in time they mean.

use super::civil::{days_since_epoch, is_date, is_leap, month_days};
use super::zone::Local;

/// The directives, each with its meaning, for the reference.
pub const DIRECTIVES: &[(&str, &str)] = &[
    ("%Y", "year, four digits"),
    ("%y", "year, two digits: 69–99 are 1969–1999, 00–68 are 2000–2068 (POSIX)"),
    ("%m", "month, two digits; `%-m` one or two"),
    ("%b", "month, English, three letters in any case"),
    ("%B", "month, English, in full in any case"),
    ("%d", "day, two digits; `%-d` one or two; `%e` two, the first may be a space"),
    ("%j", "day of the year, three digits"),
    ("%a", "weekday, English, three letters in any case; it must be the date's"),
    ("%A", "weekday, English, in full in any case; it must be the date's"),
    ("%H", "hour 00–23, two digits; `%-H` one or two"),
    ("%I", "hour 01–12, two digits, with `%p`; `%-I` one or two"),
    ("%p", "`AM` or `PM` in any case"),
    ("%M", "minute, two digits"),
    ("%S", "second 00–59, two digits"),
    ("%f", "fraction of the second, one to nine digits"),
    ("%z", "offset: `Z`, `±hhmm` or `±hh:mm`, up to ±23:59"),
    ("%F", "`%Y-%m-%d`"),
    ("%T", "`%H:%M:%S`"),
    ("%%", "a percent sign"),
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// 1970-01-01 was a Thursday.
const WEEKDAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

/// The longest pattern. The longest useful one has about 60 bytes.
const PATTERN_BYTES_MAX: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year,
    ShortYear,
    Month,
    MonthName,
    Day,
    YearDay,
    Weekday,
    Hour,
    HalfHour,
    Meridiem,
    Minute,
    Second,
    Fraction,
    Offset,
}

#[derive(Debug, Clone, Copy)]
enum Item {
    Literal(u8),
    /// Digits, with the least and the greatest number of them; `true` allows a space for the first.
    Digits(Part, usize, usize, bool),
    /// A name, in full or by its first three letters.
    Name(Part, bool),
    Meridiem,
    Offset,
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    items: Vec<Item>,
}

/// The result of parsing: a local time, and its offset from UTC if the pattern has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Date and time of day.
    pub local: Local,
    /// Minutes east of UTC.
    pub offset_minutes: Option<i32>,
}

impl Pattern {
    /// Compile a pattern.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins "must be".
    pub fn compile(pattern: &str) -> Result<Self, String> {
        if pattern.is_empty() || pattern.len() > PATTERN_BYTES_MAX {
            return Err(format!("a pattern of 1 to {PATTERN_BYTES_MAX} bytes"));
        }
        let mut items = Vec::new();
        let mut bytes = pattern.bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'%' => {
                    let start = pattern.len() - bytes.len() - 1;
                    let directive = match bytes.next() {
                        Some(b'-') => [b'-', bytes.next().unwrap_or_default()],
                        directive => [0, directive.unwrap_or_default()],
                    };
                    if !push(&mut items, directive) {
                        let characters = if directive[0] == b'-' { 3 } else { 2 };
                        let named: String = pattern[start..].chars().take(characters).collect();
                        return Err(format!("a pattern of known directives: there is no directive {named}"));
                    }
                }
                literal => items.push(Item::Literal(literal)),
            }
        }
        let pattern = Self { items };
        pattern.check()?;
        Ok(pattern)
    }

    /// Return whether texts of this pattern have an offset from UTC.
    #[must_use]
    pub fn has_offset(&self) -> bool {
        self.has(Part::Offset)
    }

    /// Return whether texts of this pattern have a time of day.
    #[must_use]
    pub fn has_time(&self) -> bool {
        self.has(Part::Hour) || self.has(Part::HalfHour)
    }

    fn parts(&self) -> impl Iterator<Item = Part> {
        self.items.iter().filter_map(|item| match item {
            Item::Literal(_) => None,
            Item::Digits(part, ..) | Item::Name(part, _) => Some(*part),
            Item::Meridiem => Some(Part::Meridiem),
            Item::Offset => Some(Part::Offset),
        })
    }

    fn has(&self, part: Part) -> bool {
        self.parts().any(|other| other == part)
    }

    fn check(&self) -> Result<(), String> {
        let count = |parts: &[Part]| self.parts().filter(|part| parts.contains(part)).count();
        let date_of_month = count(&[Part::Month, Part::MonthName]) == 1 && count(&[Part::Day]) == 1;
        let month_parts = count(&[Part::Month, Part::MonthName, Part::Day]);
        let rules = [
            (count(&[Part::Year, Part::ShortYear]) == 1, "a pattern with one %Y or %y"),
            (
                (date_of_month && !self.has(Part::YearDay)) || (month_parts == 0 && count(&[Part::YearDay]) == 1),
                "a pattern with one month and one day, or with %j",
            ),
            (count(&[Part::Hour, Part::HalfHour]) <= 1, "a pattern with one hour"),
            (count(&[Part::HalfHour]) == count(&[Part::Meridiem]), "a pattern with %I and %p together"),
            (count(&[Part::Weekday]) <= 1 && count(&[Part::Offset]) <= 1, "a pattern with each directive once"),
            (count(&[Part::Minute]) <= usize::from(self.has_time()), "a pattern with one %M, after an hour"),
            (count(&[Part::Second]) <= count(&[Part::Minute]), "a pattern with one %S, beside %M"),
            (count(&[Part::Fraction]) <= count(&[Part::Second]), "a pattern with one %f, beside %S"),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, rule)) => Err(rule.to_owned()),
        }
    }

    /// Parse text that has exactly this form and an existing time.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Reading> {
        let mut fields = Fields::default();
        let mut rest = text.as_bytes();
        for item in &self.items {
            rest = match *item {
                Item::Literal(byte) => rest.strip_prefix(&[byte])?,
                Item::Digits(part, least, most, padded) => fields.digits(part, least, most, padded, rest)?,
                Item::Name(part, full) => fields.name(part, full, rest)?,
                Item::Meridiem => fields.meridiem(rest)?,
                Item::Offset => fields.offset(rest)?,
            };
        }
        if rest.is_empty() { fields.reading() } else { None }
    }
}

/// Append the items of a directive. Return false if there is no such directive.
fn push(items: &mut Vec<Item>, directive: [u8; 2]) -> bool {
    let two = |part| Item::Digits(part, 2, 2, false);
    let one_or_two = |part| Item::Digits(part, 1, 2, false);
    items.push(match directive {
        [0, b'Y'] => Item::Digits(Part::Year, 4, 4, false),
        [0, b'y'] => two(Part::ShortYear),
        [0, b'm'] => two(Part::Month),
        [0, b'd'] => two(Part::Day),
        [0, b'e'] => Item::Digits(Part::Day, 2, 2, true),
        [0, b'j'] => Item::Digits(Part::YearDay, 3, 3, false),
        [0, b'H'] => two(Part::Hour),
        [0, b'I'] => two(Part::HalfHour),
        [0, b'M'] => two(Part::Minute),
        [0, b'S'] => two(Part::Second),
        [0, b'f'] => Item::Digits(Part::Fraction, 1, 9, false),
        [b'-', b'm'] => one_or_two(Part::Month),
        [b'-', b'd'] => one_or_two(Part::Day),
        [b'-', b'H'] => one_or_two(Part::Hour),
        [b'-', b'I'] => one_or_two(Part::HalfHour),
        [0, b'b'] => Item::Name(Part::MonthName, false),
        [0, b'B'] => Item::Name(Part::MonthName, true),
        [0, b'a'] => Item::Name(Part::Weekday, false),
        [0, b'A'] => Item::Name(Part::Weekday, true),
        [0, b'p'] => Item::Meridiem,
        [0, b'z'] => Item::Offset,
        [0, b'%'] => Item::Literal(b'%'),
        [0, b'F'] => return push_all(items, [b'Y', b'm', b'd'], b'-'),
        [0, b'T'] => return push_all(items, [b'H', b'M', b'S'], b':'),
        _ => return false,
    });
    true
}

fn push_all(items: &mut Vec<Item>, directives: [u8; 3], separator: u8) -> bool {
    directives.into_iter().enumerate().all(|(index, directive)| {
        if index > 0 {
            items.push(Item::Literal(separator));
        }
        push(items, [0, directive])
    })
}

/// The fields read so far. A part that the pattern lacks keeps its default: midnight, and no offset.
#[derive(Default)]
struct Fields {
    year: u32,
    month: u32,
    day: u32,
    year_day: Option<u32>,
    weekday: Option<usize>,
    hour: u32,
    afternoon: Option<bool>,
    minute: u32,
    second: u32,
    nanosecond: u32,
    offset_minutes: Option<i32>,
}

impl Fields {
    fn digits<'t>(&mut self, part: Part, least: usize, most: usize, padded: bool, text: &'t [u8]) -> Option<&'t [u8]> {
        let (text, least, most) = match text.strip_prefix(b" ") {
            Some(rest) if padded => (rest, 1, 1),
            _ => (text, least, most),
        };
        let count = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if count < least {
            return None;
        }
        let (digits, rest) = text.split_at(count);
        let number = digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
        match part {
            Part::Year => self.year = number,
            Part::ShortYear => self.year = if number < 69 { 2000 + number } else { 1900 + number },
            Part::Month => self.month = number,
            Part::Day => self.day = number,
            Part::YearDay => self.year_day = Some(number),
            Part::HalfHour if !(1..=12).contains(&number) => return None,
            Part::Hour | Part::HalfHour => self.hour = number,
            Part::Minute => self.minute = number,
            Part::Second => self.second = number,
            Part::Fraction => self.nanosecond = (count..9).fold(number, |number, _| number * 10),
            Part::MonthName | Part::Weekday | Part::Meridiem | Part::Offset => return None,
        }
        Some(rest)
    }

    fn name<'t>(&mut self, part: Part, full: bool, text: &'t [u8]) -> Option<&'t [u8]> {
        let names: &[&str] = if part == Part::MonthName { &MONTHS } else { &WEEKDAYS };
        let (index, length) = names.iter().enumerate().find_map(|(index, name)| {
            let name = if full { name } else { &name[..3] };
            let start = text.get(..name.len())?;
            start.eq_ignore_ascii_case(name.as_bytes()).then_some((index, name.len()))
        })?;
        match part {
            Part::MonthName => self.month = u32::try_from(index).ok()? + 1,
            _ => self.weekday = Some(index),
        }
        Some(&text[length..])
    }

    fn meridiem<'t>(&mut self, text: &'t [u8]) -> Option<&'t [u8]> {
        let (word, rest) = text.split_at_checked(2)?;
        self.afternoon = match word {
            [b'A' | b'a', b'M' | b'm'] => Some(false),
            [b'P' | b'p', b'M' | b'm'] => Some(true),
            _ => return None,
        };
        Some(rest)
    }

    fn offset<'t>(&mut self, text: &'t [u8]) -> Option<&'t [u8]> {
        if let [b'Z' | b'z', rest @ ..] = text {
            self.offset_minutes = Some(0);
            return Some(rest);
        }
        let [sign @ (b'+' | b'-'), tens, ones, rest @ ..] = text else { return None };
        let rest = rest.strip_prefix(b":").unwrap_or(rest);
        let [minute_tens, minute_ones, rest @ ..] = rest else { return None };
        let pair = |tens: &u8, ones: &u8| {
            (tens.is_ascii_digit() && ones.is_ascii_digit())
                .then(|| i32::from(tens - b'0') * 10 + i32::from(ones - b'0'))
        };
        let hours = pair(tens, ones).filter(|hours| *hours < 24)?;
        let minutes = pair(minute_tens, minute_ones).filter(|minutes| *minutes < 60)?;
        let east = hours * 60 + minutes;
        self.offset_minutes = Some(if *sign == b'-' { -east } else { east });
        Some(rest)
    }

    fn reading(mut self) -> Option<Reading> {
        if let Some(year_day) = self.year_day {
            (self.month, self.day) = date_of_year_day(self.year, year_day)?;
        }
        if let Some(afternoon) = self.afternoon {
            self.hour = self.hour % 12 + if afternoon { 12 } else { 0 };
        }
        if !is_date(self.year, self.month, self.day) || self.hour > 23 || self.minute > 59 || self.second > 59 {
            return None;
        }
        let weekday = days_since_epoch(self.year, self.month, self.day).rem_euclid(7);
        if self.weekday.is_some_and(|named| i64::try_from(named) != Ok(weekday)) {
            return None;
        }
        let local = Local {
            year: self.year,
            month: self.month,
            day: self.day,
            hour: self.hour,
            minute: self.minute,
            second: self.second,
            nanosecond: self.nanosecond,
        };
        Some(Reading { local, offset_minutes: self.offset_minutes })
    }
}

fn date_of_year_day(year: u32, year_day: u32) -> Option<(u32, u32)> {
    if year_day == 0 || year_day > 365 + u32::from(is_leap(year)) {
        return None;
    }
    let mut day = year_day;
    for month in 1..=12 {
        let days = month_days(year, month);
        if day <= days {
            return Some((month, day));
        }
        day -= days;
    }
    None
}

#[cfg(test)]
mod tests;

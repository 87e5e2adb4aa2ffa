//! What several tests go through.

/// All calendars, ISO's first.
pub(crate) const CALENDARS: &[&str] = &[
    "iso8601",
    "gregory",
    "buddhist",
    "chinese",
    "coptic",
    "dangi",
    "ethioaa",
    "ethiopic",
    "hebrew",
    "indian",
    "islamic-civil",
    "islamic-tbla",
    "islamic-umalqura",
    "japanese",
    "persian",
    "roc",
];

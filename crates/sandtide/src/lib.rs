//! Sandtide.

//! Loading ICU4X's baked data by locale and attribute.

use icu_provider::prelude::*;

/// The data of a marker for a locale, or for what the locale falls back to.
pub(crate) fn load<M: DataMarker>(
    provider: &impl DataProvider<M>,
    attributes: &str,
    locale: &DataLocale,
) -> Option<DataPayload<M>> {
    let attributes = DataMarkerAttributes::try_from_str(attributes).ok()?;
    let mut metadata = DataRequestMetadata::default();
    metadata.silent = true;
    let id = DataIdentifierBorrowed::for_marker_attributes_and_locale(attributes, locale);
    provider.load(DataRequest { id, metadata }).ok().map(|response| response.payload)
}

//! The JSON Schema of the spec files, made from the model so that the two cannot differ.

use crate::model::{ActionSpec, CommonSpec};

/// One schema for both kinds of files, told apart by `kind`.
#[must_use]
pub fn schema() -> serde_json::Value {
    let mut generator = schemars::generate::SchemaSettings::draft2020_12().into_generator();
    let common = generator.subschema_for::<CommonSpec>();
    let action = generator.subschema_for::<ActionSpec>();
    serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Spec of an action, or of what all actions share",
        "oneOf": [common, action],
        "$defs": generator.take_definitions(true),
    })
}

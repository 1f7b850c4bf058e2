//! Faults of `common.json`.

use super::{error_codes, pascal, unique, variant};
use crate::fault::Collector;
use crate::model::CommonSpec;

const UNKNOWN_KIND: &str = "Unknown";

/// Header with the language of the texts in an answer.
const LANGUAGE_HEADER: &str = "X-TC-Language";

pub(super) fn validate(spec: &CommonSpec, out: &mut Collector<'_>) {
    tokens(spec, out);
    sites(spec, out);
    languages(spec, out);
    signature(spec, out);
    headers(spec, out);
    for (index, kind) in spec.error_kinds.iter().enumerate() {
        pascal(&format!("error_kinds[{index}].ident"), &kind.ident, out);
    }
    let kinds = spec
        .error_kinds
        .iter()
        .enumerate()
        .map(|(i, k)| (format!("error_kinds[{i}].ident"), k.ident.as_str()));
    unique("error kind", kinds, "Keep one of them.", out);
    if !spec
        .error_kinds
        .iter()
        .any(|kind| kind.ident == UNKNOWN_KIND)
    {
        out.add(
            "error_kinds",
            "there is no kind `Unknown`",
            "Add it: codes of no known family belong to it.",
        );
    }
    encryption_keys(spec, out);
    error_codes(&spec.error_codes, spec, out);
    let codes = spec
        .error_codes
        .iter()
        .enumerate()
        .map(|(i, c)| (format!("error_codes[{i}].code"), c.code.as_str()));
    unique("error code", codes, "Keep one of them.", out);
    let variants: Vec<String> = spec.error_codes.iter().map(variant).collect();
    let variants = variants
        .iter()
        .enumerate()
        .map(|(i, v)| (format!("error_codes[{i}].ident"), v.as_str()));
    unique(
        "the name",
        variants,
        "Give one of them another `ident`.",
        out,
    );
}

/// What stands on the wire, beside prose.
fn tokens(spec: &CommonSpec, out: &mut Collector<'_>) {
    let (signature, answer) = (&spec.signature, &spec.answer);
    let mut all = vec![
        ("service.name".to_owned(), &spec.service.name),
        ("signature.algorithm".to_owned(), &signature.algorithm),
        ("signature.terminator".to_owned(), &signature.terminator),
        ("answer.envelope".to_owned(), &answer.envelope),
        ("answer.error".to_owned(), &answer.error),
        ("answer.error_code".to_owned(), &answer.error_code),
        ("answer.request_id".to_owned(), &answer.request_id),
        (
            "answer.request_id_header".to_owned(),
            &answer.request_id_header,
        ),
    ];
    for (index, header) in spec.headers.iter().enumerate() {
        all.push((format!("headers[{index}].name"), &header.name));
        let values = header.values.iter().enumerate();
        all.extend(values.map(|(i, value)| (format!("headers[{index}].values[{i}]"), value)));
    }
    let keys = spec.encryption_keys.iter().enumerate();
    all.extend(keys.map(|(i, key)| (format!("encryption_keys[{i}].algorithm"), &key.algorithm)));
    for (path, text) in all {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        if text.is_empty() || !text.bytes().all(is_token) {
            out.add(
                path,
                "it is no name on the wire: ASCII letters, digits, `_`, `.` and `-`",
                "Copy it from the service.",
            );
        }
    }
    let is_media_type = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/+;= ".contains(&byte);
    if !signature.content_type.bytes().all(is_media_type) {
        out.add(
            "signature.content_type",
            "it is no media type",
            "Copy it from the service.",
        );
    }
}

fn encryption_keys(spec: &CommonSpec, out: &mut Collector<'_>) {
    for (index, key) in spec.encryption_keys.iter().enumerate() {
        let path = format!("encryption_keys[{index}]");
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        let is_whole = key.public_key.len() % 4 == 0 && !key.public_key.is_empty();
        if !is_whole || !key.public_key.bytes().all(is_base64) {
            out.add(
                format!("{path}.public_key"),
                "the key is not base64",
                "Copy it without line breaks or a heading.",
            );
        }
    }
    let algorithms = spec.encryption_keys.iter().enumerate();
    let algorithms = algorithms.map(|(i, key)| {
        (
            format!("encryption_keys[{i}].algorithm"),
            key.algorithm.as_str(),
        )
    });
    unique("a key for", algorithms, "Keep one of them.", out);
}

fn sites(spec: &CommonSpec, out: &mut Collector<'_>) {
    if spec.service.sites.is_empty() {
        out.add("service.sites", "there is no site", "Name at least one.");
    }
    for (index, site) in spec.service.sites.iter().enumerate() {
        let path = format!("service.sites[{index}]");
        pascal(&format!("{path}.ident"), &site.ident, out);
        let is_host = site.host.contains('.')
            && site
                .host
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-');
        if !is_host {
            out.add(
                format!("{path}.host"),
                format!("`{}` is not a host", site.host),
                "Write the lowercase host alone, without scheme, port or path.",
            );
        }
    }
    let sites = spec
        .service
        .sites
        .iter()
        .enumerate()
        .map(|(i, s)| (format!("service.sites[{i}].ident"), s.ident.as_str()));
    unique("site", sites, "Keep one of them.", out);
}

fn languages(spec: &CommonSpec, out: &mut Collector<'_>) {
    for (index, language) in spec.service.languages.iter().enumerate() {
        let path = format!("service.languages[{index}]");
        pascal(&format!("{path}.ident"), &language.ident, out);
    }
    let languages = spec.service.languages.iter();
    let idents = languages
        .clone()
        .enumerate()
        .map(|(i, l)| (format!("service.languages[{i}].ident"), l.ident.as_str()));
    unique("language", idents, "Keep one of them.", out);
    let named: Vec<&String> = languages.map(|language| &language.wire).collect();
    let header = spec.headers.iter().find(|h| h.name == LANGUAGE_HEADER);
    let values: Vec<&String> =
        header.map_or_else(Vec::new, |header| header.values.iter().collect());
    if named != values {
        out.add(
            "service.languages",
            format!("the languages are not the values of the header `{LANGUAGE_HEADER}`"),
            "Name each value once, in the same order.",
        );
    }
}

fn signature(spec: &CommonSpec, out: &mut Collector<'_>) {
    let signed = &spec.signature.signed_headers;
    if !signed.is_sorted() || signed.iter().any(|name| name.to_ascii_lowercase() != *name) {
        out.add(
            "signature.signed_headers",
            "the names are not lowercase and sorted, as the canonical request needs them",
            "Sort them and write them in lowercase.",
        );
    }
    for required in ["content-type", "host"] {
        if !signed.iter().any(|name| name == required) {
            out.add(
                "signature.signed_headers",
                format!("`{required}` is missing, and the service refuses a signature without it"),
                "Add it.",
            );
        }
    }
    for (index, name) in signed.iter().enumerate() {
        if !spec
            .headers
            .iter()
            .any(|header| header.name.eq_ignore_ascii_case(name))
        {
            out.add(
                format!("signature.signed_headers[{index}]"),
                format!("`{name}` is no header of a request"),
                "Add it to `headers`, or take it out here.",
            );
        }
    }
}

fn headers(spec: &CommonSpec, out: &mut Collector<'_>) {
    let names = spec
        .headers
        .iter()
        .enumerate()
        .map(|(i, h)| (format!("headers[{i}].name"), h.name.as_str()));
    unique("header", names, "Keep one of them.", out);
}

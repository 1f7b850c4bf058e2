//! Faults of `common.json`.

use super::{error_codes, pascal, prose, unique, variant};
use crate::fault::Collector;
use crate::model::CommonSpec;

const UNKNOWN_KIND: &str = "Unknown";

pub(super) fn validate(spec: &CommonSpec, out: &mut Collector<'_>) {
    sites(spec, out);
    signature(spec, out);
    headers(spec, out);
    for (index, kind) in spec.error_kinds.iter().enumerate() {
        pascal(&format!("error_kinds[{index}].ident"), &kind.ident, out);
        prose(&format!("error_kinds[{index}].docs"), &kind.docs, out);
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

fn encryption_keys(spec: &CommonSpec, out: &mut Collector<'_>) {
    for (index, key) in spec.encryption_keys.iter().enumerate() {
        let path = format!("encryption_keys[{index}]");
        prose(&format!("{path}.docs"), &key.docs, out);
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
        prose(&format!("{path}.docs"), &site.docs, out);
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
    for (index, header) in spec.headers.iter().enumerate() {
        prose(&format!("headers[{index}].docs"), &header.docs, out);
    }
    let names = spec
        .headers
        .iter()
        .enumerate()
        .map(|(i, h)| (format!("headers[{i}].name"), h.name.as_str()));
    unique("header", names, "Keep one of them.", out);
}

//! Ways in which an answer can go wrong, each with a test identity.

/// A fault. The number is part of its test identity and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Number, from 1 to 999.
    pub number: u16,
    /// Name, in kebab-case.
    pub name: &'static str,
    /// Whether the service charged before it went wrong.
    pub charged: bool,
    /// What happens.
    pub docs: &'static str,
}

const fn fault(number: u16, name: &'static str, charged: bool, docs: &'static str) -> Fault {
    Fault {
        number,
        name,
        charged,
        docs,
    }
}

impl Fault {
    /// Every fault.
    pub const ALL: &'static [Self] = &[
        fault(
            1,
            "missing-comma",
            true,
            "The answer lacks a comma, as the documentation's examples do.",
        ),
        fault(2, "empty-body", true, "The answer has no body."),
        fault(3, "html", true, "A gateway's page in place of the answer."),
        fault(
            4,
            "integer-result",
            true,
            "The result code is a number, not a string.",
        ),
        fault(5, "huge", true, "A body of 200 MB, without its length."),
        fault(
            6,
            "huge-announced",
            true,
            "A body of 200 MB, with its length.",
        ),
        fault(
            7,
            "error-with-charset",
            false,
            "InternalError under application/json; charset=utf-8.",
        ),
        fault(8, "redirect-302", false, "A redirect to another host."),
        fault(
            9,
            "redirect-307",
            false,
            "A redirect to another host that asks to repeat the body.",
        ),
        fault(
            10,
            "redirect-308",
            false,
            "A permanent redirect to another host that asks to repeat the body.",
        ),
        fault(11, "garbage", true, "Bytes that are no text."),
        fault(
            12,
            "truncated",
            true,
            "The body ends before its announced length.",
        ),
        fault(
            13,
            "wrong-content-type",
            true,
            "A good answer as text/html.",
        ),
        fault(
            14,
            "request-id-in-header-only",
            true,
            "A good answer whose body has no request id.",
        ),
        fault(
            15,
            "unknown-member",
            true,
            "A good answer with members that nobody has defined yet.",
        ),
        fault(
            16,
            "result-and-error",
            true,
            "A result and an error in one answer.",
        ),
        fault(17, "null-envelope", true, "The envelope is null."),
        fault(18, "list", true, "The answer is a list."),
        fault(19, "http-500", true, "Status 500 with a page."),
        fault(20, "http-502", true, "Status 502 with a page."),
        fault(
            21,
            "http-503",
            false,
            "Status 503 with a page, Retry-After 1.",
        ),
        fault(
            22,
            "http-429",
            false,
            "Status 429 without a body, Retry-After 1.",
        ),
        fault(23, "slow", true, "A good answer after 300 ms."),
        fault(24, "hang", true, "No answer for a minute."),
        fault(25, "drip", true, "A byte every 100 ms for a minute."),
        fault(
            26,
            "reset",
            true,
            "The connection is reset in place of the answer.",
        ),
        fault(27, "deep", true, "JSON of 10,000 lists inside each other."),
        fault(
            28,
            "invalid-utf8",
            true,
            "A string in the answer is not UTF-8.",
        ),
        fault(
            29,
            "error-with-status-500",
            false,
            "InternalError as JSON with status 500.",
        ),
        fault(
            30,
            "result-with-status-500",
            true,
            "A good answer with status 500.",
        ),
        fault(
            31,
            "echo",
            false,
            "An error whose message repeats number and name.",
        ),
        fault(
            32,
            "internal-error-charged",
            true,
            "InternalError after the charge.",
        ),
        fault(
            33,
            "missing-result",
            true,
            "An answer without a result code.",
        ),
        fault(34, "error-without-code", true, "An error without a code."),
    ];
}

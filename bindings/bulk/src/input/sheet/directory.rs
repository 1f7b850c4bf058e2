//! How large a workbook will be, before it is unpacked.

use crate::input::InputError;
use crate::input::source::Source;
use std::io::{Read as _, Seek as _, SeekFrom};

/// Most that the parts which are read at once may have, all of them together. A million rows with a name and a
/// number each have some 40 MB of texts.
const MAX_AT_ONCE: u64 = 512 * 1024 * 1024;
/// Most that a part may have which is read row by row.
const MAX_SHEET: u64 = 4 * 1024 * 1024 * 1024;
/// The longest end of an archive: a record of 22 bytes and a comment.
const MAX_END: u64 = 22 + 65_535;

/// Looks at the sizes that the directory of the archive tells, so that a small file which would fill the memory
/// is refused. A directory that lies is not found out here. One that cannot be read is left to be refused.
pub(in crate::input) fn look_at_sizes(source: &Source) -> Result<(), InputError> {
    let mut reader = source.reader();
    let begin = source.length().saturating_sub(MAX_END);
    let mut end = Vec::new();
    reader.seek(SeekFrom::Start(begin))?;
    reader.by_ref().take(MAX_END).read_to_end(&mut end)?;
    let Some(at) = end.windows(4).rposition(|bytes| bytes == b"PK\x05\x06") else {
        return Ok(());
    };
    let (Some(size), Some(place)) = (u32_at(&end, at + 12), u32_at(&end, at + 16)) else {
        return Ok(());
    };
    let mut entries = Vec::new();
    reader.seek(SeekFrom::Start(u64::from(place)))?;
    // A workbook has some tens of parts.
    reader
        .take(u64::from(size.min(4 * 1024 * 1024)))
        .read_to_end(&mut entries)?;
    let (mut rest, mut at_once) = (entries.as_slice(), 0_u64);
    while rest.starts_with(b"PK\x01\x02") {
        let lengths = [28, 30, 32].map(|at| u16_at(rest, at));
        let (Some(size), [Some(name), Some(extra), Some(comment)]) = (u32_at(rest, 24), lengths)
        else {
            break;
        };
        let is_sheet = rest
            .get(46..46 + name)
            .is_some_and(|name| name.starts_with(b"xl/worksheets/"));
        let extra_fields = rest.get(46 + name..46 + name + extra).unwrap_or_default();
        let size = match size {
            u32::MAX => large_size(extra_fields).unwrap_or(u64::MAX),
            size => u64::from(size),
        };
        if is_sheet {
            if size > MAX_SHEET {
                return Err(InputError::WorkbookTooLarge);
            }
        } else {
            at_once = at_once.saturating_add(size);
        }
        rest = rest.get(46 + name + extra + comment..).unwrap_or_default();
    }
    if at_once > MAX_AT_ONCE {
        return Err(InputError::WorkbookTooLarge);
    }
    Ok(())
}

/// The size in the extra field of large archives, which some programs write for small ones, too.
fn large_size(mut fields: &[u8]) -> Option<u64> {
    loop {
        let (kind, length) = (u16_at(fields, 0)?, u16_at(fields, 2)?);
        if kind == 1 {
            let bytes = fields.get(4..12)?.try_into().ok()?;
            return Some(u64::from_le_bytes(bytes));
        }
        fields = fields.get(4 + length..)?;
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(bytes))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive's directory with one part.
    fn directory(name: &str, size: u32, extra: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 46];
        bytes[..4].copy_from_slice(b"PK\x01\x02");
        bytes[24..28].copy_from_slice(&size.to_le_bytes());
        bytes[28] = u8::try_from(name.len()).expect("short");
        bytes[30] = u8::try_from(extra.len()).expect("short");
        bytes.extend(name.as_bytes());
        bytes.extend(extra);
        let length = u32::try_from(bytes.len()).expect("short");
        bytes.extend(b"PK\x05\x06");
        bytes.extend([0; 8]);
        bytes.extend(length.to_le_bytes());
        bytes.extend([0; 6]);
        bytes
    }

    #[test]
    fn sizes_are_those_of_the_directory() {
        let large = |size: u64| [&[9, 0, 1, 0, 7, 1, 0, 8, 0][..], &size.to_le_bytes()].concat();
        let (sheet, texts) = ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml");
        for (name, size, extra, is_too_large) in [
            (sheet, 1 << 30, Vec::new(), false),
            (texts, 1 << 28, Vec::new(), false),
            (texts, 1 << 30, Vec::new(), true),
            (sheet, u32::MAX, large(5), false),
            (texts, u32::MAX, large(1 << 30), true),
            (sheet, u32::MAX, large(1 << 40), true),
            (sheet, u32::MAX, Vec::new(), true),
        ] {
            let source = Source::spool(directory(name, size, &extra).as_slice()).expect("spooled");
            let looked = look_at_sizes(&source);
            assert_eq!(looked.is_err(), is_too_large, "{name} {size}");
        }
    }
}

//! Writes JSON. Members are written in the order of the spec, absent ones not at all.

/// A value that can be written.
pub(crate) trait Encode {
    /// Writes the value.
    fn encode(&self, out: &mut Writer);
}

/// JSON as it grows.
#[derive(Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Begins an object.
    pub(crate) fn object(&mut self) -> ObjectWriter<'_> {
        self.bytes.push(b'{');
        ObjectWriter {
            out: self,
            first: true,
        }
    }

    /// The JSON.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn scalar(&mut self, value: &(impl serde::Serialize + ?Sized)) {
        serde_json::to_writer(&mut self.bytes, value).expect("a scalar is written to memory");
    }
}

/// An object that is being written.
pub(crate) struct ObjectWriter<'a> {
    out: &'a mut Writer,
    first: bool,
}

impl ObjectWriter<'_> {
    /// Writes a member.
    pub(crate) fn member(&mut self, name: &str, value: &impl Encode) {
        if !std::mem::take(&mut self.first) {
            self.out.bytes.push(b',');
        }
        self.out.scalar(name);
        self.out.bytes.push(b':');
        value.encode(self.out);
    }

    /// Writes a member if there is a value.
    pub(crate) fn optional(&mut self, name: &str, value: Option<&impl Encode>) {
        if let Some(value) = value {
            self.member(name, value);
        }
    }

    /// Ends the object.
    pub(crate) fn end(self) {
        self.out.bytes.push(b'}');
    }
}

macro_rules! scalars {
    ($($ty:ty),*) => {$(
        impl Encode for $ty {
            fn encode(&self, out: &mut Writer) {
                out.scalar(self);
            }
        }
    )*};
}

scalars!(String, i64, u64, f64, bool);

impl<T: Encode> Encode for Box<T> {
    fn encode(&self, out: &mut Writer) {
        (**self).encode(out);
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Writer) {
        out.bytes.push(b'[');
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                out.bytes.push(b',');
            }
            item.encode(out);
        }
        out.bytes.push(b']');
    }
}

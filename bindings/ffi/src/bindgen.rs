//! Generates the foreign sources from the built library. It is built from the same version of
//! `uniffi` as the library, which checks that at load time.

fn main() {
    uniffi::uniffi_bindgen_main();
}

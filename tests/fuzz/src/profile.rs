//! Files with keys.

use idcard_verification::Credentials;

/// A value that is surely a secret, which no error may repeat.
const SECRET: &str = "canary-of-a-key";

pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let printed = match Credentials::from_profile_text(&text, "default") {
        Ok(credentials) => format!("{credentials:?}"),
        Err(error) => format!("{error:?} {error}"),
    };
    let canaries = [SECRET.to_owned()];
    assert_eq!(
        idcard_conformance::find_leak(&printed, &canaries),
        None,
        "{printed}"
    );
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let profiles = [
        "[default]\nsecret_id = AKIDfuzz\nsecret_key = canary-of-a-key\ntoken = t\n",
        "\u{feff}# c\r\n[other]\r\nsecret_id=a\r\n[ default ]\r\nsecret_id= a\r\nsecret_key=canary-of-a-key \u{a0}\r\n",
        "[default]\nsecret_key = canary-of-a-key\nsecret_id =\n",
        "[default",
        "",
    ];
    profiles.map(|profile| profile.as_bytes().to_vec()).to_vec()
}

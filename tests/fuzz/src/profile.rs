//! Files with keys.

use crate::stand_in::{KEY, assert_silent_about};
use idcard_verification::Credentials;

pub(crate) fn run(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let read = Credentials::from_profile_text(&text, "default");
    let printed = match &read {
        Ok(credentials) => format!("{credentials:?}"),
        Err(error) => format!("{error:?} {error}"),
    };
    assert_silent_about(&printed, &[KEY]);
    read.is_ok()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let profiles = [
        "[default]\nsecret_id = AKIDfuzz\nsecret_key = canary-of-a-key\ntoken = t\n",
        "\u{feff}# c\r\n[other]\r\nsecret_id=a\r\n[ default ]\r\nsecret_id= a\r\nsecret_key=canary-of-a-key \u{a0}\r\n",
        "[default]\nsecret_key = canary-of-a-key\nsecret_id =\n",
        "[default] ; c\nSecret_Id: \"a\" # c\nSECRET_KEY : 'canary-of-a-key' ; c\n",
        "[DEFAULT]\nsecret_key = canary-of-a-key\n",
        "[default]\nsecret_key = canary-of-a-key\n canary-of-a-key\n",
        "[default]\nsecret_key = canary-of-a-key\nsecret_key = canary-of-a-key\n[default]\n",
        "[default",
        "",
    ];
    profiles.map(|profile| profile.as_bytes().to_vec()).to_vec()
}

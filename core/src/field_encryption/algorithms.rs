//! The two pairs of algorithms that the service knows, through the RustCrypto crates.

use super::EncryptionAlgorithm;
use aes::Aes256;
use aes_gcm::AesGcm;
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::U12;
use base64ct::{Base64, Encoding};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyInit, KeyIvInit};
use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use rsa::Pkcs1v15Encrypt;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::pkcs8::DecodePublicKey;
use sm2::pke::EncryptingKey;
use sm4::Sm4;
use zeroize::Zeroizing;

/// A public key of the service, which encrypts the keys of requests.
#[derive(Debug)]
pub(super) enum PublicKey {
    Rsa(Box<rsa::PublicKey>),
    Sm2(Box<EncryptingKey>),
}

impl PublicKey {
    /// Reads a key in base64; what is wrong with it otherwise.
    pub(super) fn parse(algorithm: EncryptionAlgorithm, text: &str) -> Result<Self, &'static str> {
        let der = Base64::decode_vec(text.trim()).map_err(|_| "the public key is not base64")?;
        match algorithm {
            EncryptionAlgorithm::Aes256Cbc => rsa::PublicKey::from_pkcs1_der(&der)
                .or_else(|_| rsa::PublicKey::from_public_key_der(&der))
                .map(|key| Self::Rsa(Box::new(key)))
                .map_err(|_| "the public key is not one of RSA (PKCS#1 or SPKI)"),
            EncryptionAlgorithm::Sm4Gcm => sm2::PublicKey::from_public_key_der(&der)
                .map(|key| Self::Sm2(Box::new(EncryptingKey::new(key))))
                .map_err(|_| "the public key is not one of SM2 (SPKI)"),
        }
    }

    /// What the fields are encrypted with.
    pub(super) const fn algorithm(&self) -> EncryptionAlgorithm {
        match self {
            Self::Rsa(_) => EncryptionAlgorithm::Aes256Cbc,
            Self::Sm2(_) => EncryptionAlgorithm::Sm4Gcm,
        }
    }

    /// Encrypts the key of a request: RSA by PKCS #1 v1.5, SM2 as C1C3C2.
    pub(super) fn wrap(&self, key: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(public) => {
                let mut random = UnwrapErr(SysRng);
                public.encrypt(&mut random, Pkcs1v15Encrypt, key).ok()
            }
            Self::Sm2(public) => public.encrypt(&mut SysRng, key).ok(),
        }
    }
}

/// Key and initialisation vector of one request.
pub(super) struct ContentKey {
    algorithm: EncryptionAlgorithm,
    key: Zeroizing<Vec<u8>>,
    iv: Vec<u8>,
}

/// An encrypted field.
pub(super) struct Encrypted {
    pub(super) ciphertext: Vec<u8>,
    pub(super) tag: Option<Vec<u8>>,
}

impl ContentKey {
    /// A new one; none without a source of random numbers.
    pub(super) fn random(algorithm: EncryptionAlgorithm) -> Option<Self> {
        let (key, iv) = match algorithm {
            EncryptionAlgorithm::Aes256Cbc => (32, 16),
            EncryptionAlgorithm::Sm4Gcm => (16, 12),
        };
        let mut made = Self {
            algorithm,
            key: Zeroizing::new(vec![0; key]),
            iv: vec![0; iv],
        };
        getrandom::fill(&mut made.key).ok()?;
        getrandom::fill(&mut made.iv).ok()?;
        Some(made)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.key
    }

    pub(super) fn iv(&self) -> &[u8] {
        &self.iv
    }

    /// Encrypts a field: AES-256-CBC with PKCS #7, or SM4-GCM without associated data.
    pub(super) fn encrypt(&self, text: &[u8]) -> Encrypted {
        const SIZES: &str = "key and vector have the algorithm's sizes";
        match self.algorithm {
            EncryptionAlgorithm::Aes256Cbc => {
                let cipher =
                    cbc::Encryptor::<Aes256>::new_from_slices(&self.key, &self.iv).expect(SIZES);
                Encrypted {
                    ciphertext: cipher.encrypt_padded_vec::<Pkcs7>(text),
                    tag: None,
                }
            }
            EncryptionAlgorithm::Sm4Gcm => {
                let cipher = AesGcm::<Sm4, U12>::new_from_slice(&self.key).expect(SIZES);
                let nonce = self.iv.as_slice().try_into().expect(SIZES);
                let mut ciphertext = text.to_vec();
                let tag = cipher
                    .encrypt_inout_detached(nonce, b"", ciphertext.as_mut_slice().into())
                    .expect("a field is far shorter than the algorithm takes");
                Encrypted {
                    ciphertext,
                    tag: Some(tag.to_vec()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cbc::cipher::{Block, BlockCipherEncrypt};

    /// Published by the vendor: key, initialisation vector, text, ciphertext and tag, in base64.
    const VECTORS: &[(EncryptionAlgorithm, [&str; 4], Option<&str>)] = &[
        (
            EncryptionAlgorithm::Sm4Gcm,
            [
                "t/dlVGSD3hMbSG21ocAylQ==",
                "cHNm8k09p2d80owr",
                "440111111111111111",
                "oUfaRWLLjR9MclkyFF68M7Ot",
            ],
            Some("meBiloynTRhQtOtLR2xccQ=="),
        ),
        (
            EncryptionAlgorithm::Sm4Gcm,
            [
                "t/dlVGSD3hMbSG21ocAylQ==",
                "cHNm8k09p2d80owr",
                "爱新觉罗永琪",
                "cvtbksVKVIn0pNWUw9815RI2",
            ],
            Some("Anrq6V9s4jwBg+/mxW9Zeg=="),
        ),
        (
            EncryptionAlgorithm::Aes256Cbc,
            [
                "XJKXDwFwoYHoORb/g1ReMJ+POptUa7Ax4R+CRI0GLgU=",
                "vTjCqg1Xz6Lh0pJZCNjAAQ==",
                "440111111111111111",
                "8TEJyC4YWALmK5U9cw+R+1Rvs4LuNRAAm8LQkwrJEa4=",
            ],
            None,
        ),
        (
            EncryptionAlgorithm::Aes256Cbc,
            [
                "XJKXDwFwoYHoORb/g1ReMJ+POptUa7Ax4R+CRI0GLgU=",
                "vTjCqg1Xz6Lh0pJZCNjAAQ==",
                "爱新觉罗永琪",
                "QR3meQHDzArXCIuJIyETLzRtOjg0vjRxcYdKQTOE7vw=",
            ],
            None,
        ),
    ];

    #[test]
    fn the_published_vectors_come_out() {
        for &(algorithm, [key, iv, text, ciphertext], tag) in VECTORS {
            let key = ContentKey {
                algorithm,
                key: Zeroizing::new(Base64::decode_vec(key).expect("base64")),
                iv: Base64::decode_vec(iv).expect("base64"),
            };
            let encrypted = key.encrypt(text.as_bytes());
            assert_eq!(Base64::encode_string(&encrypted.ciphertext), ciphertext);
            let found = encrypted.tag.map(|tag| Base64::encode_string(&tag));
            assert_eq!(found.as_deref(), tag);
        }
    }

    #[test]
    fn the_block_of_the_sm4_standard_comes_out() {
        let block = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210_u128.to_be_bytes();
        let cipher = Sm4::new_from_slice(&block).expect("16 bytes");
        let mut out = Block::<Sm4>::from(block);
        cipher.encrypt_block(&mut out);
        let expected = 0x681e_df34_d206_965e_86b3_e94f_536e_4246_u128;
        assert_eq!(out.as_slice(), expected.to_be_bytes());
    }

    #[test]
    fn the_vendors_keys_wrap_to_blobs_of_the_documented_length() {
        for (algorithm, length) in [
            (EncryptionAlgorithm::Aes256Cbc, 128),
            (EncryptionAlgorithm::Sm4Gcm, 113),
        ] {
            let (_, key) = crate::generated::ENCRYPTION_KEYS
                .iter()
                .find(|(name, _)| *name == algorithm.as_str())
                .expect("a key of the vendor");
            let public = PublicKey::parse(algorithm, key).expect("a public key");
            let content = ContentKey::random(algorithm).expect("random numbers");
            let blob = public.wrap(content.bytes()).expect("a blob");
            assert_eq!(blob.len(), length);
            if algorithm == EncryptionAlgorithm::Sm4Gcm {
                assert_eq!(blob[0], 4, "an uncompressed point comes first");
            }
        }
    }

    #[test]
    fn every_request_has_a_key_of_its_own() {
        let one = ContentKey::random(EncryptionAlgorithm::Aes256Cbc).expect("one");
        let other = ContentKey::random(EncryptionAlgorithm::Aes256Cbc).expect("another");
        assert_ne!(one.bytes(), other.bytes());
        assert_ne!(one.iv(), other.iv());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "?", "AAAA", "MIGJ"] {
            for algorithm in [EncryptionAlgorithm::Aes256Cbc, EncryptionAlgorithm::Sm4Gcm] {
                assert!(PublicKey::parse(algorithm, text).is_err(), "{text}");
            }
        }
    }
}

//! HMAC-SHA-256 with a profile's secret, and digests as text.
//!
//! The ops decide what is digested and how much of the digest is shown.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::Secret;

/// A key, stored as the two hash states from which every digest starts.
#[derive(Clone)]
pub(crate) struct Key(Hmac<Sha256>);

impl Key {
    pub(crate) fn new(secret: &Secret) -> Self {
        /// A block of SHA-256. HMAC reduces a longer key to one block (RFC 2104 §2).
        const BLOCK_BYTES: usize = 64;
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        debug_assert_eq!(block.len(), BLOCK_BYTES);
        let bytes = secret.bytes();
        if bytes.len() <= BLOCK_BYTES {
            block[..bytes.len()].copy_from_slice(bytes);
        } else {
            use sha2::Digest;
            let digest = Sha256::digest(bytes);
            block[..digest.len()].copy_from_slice(&digest);
        }
        Self(Hmac::new(&block))
    }

    /// Digest the pieces as one message.
    pub(crate) fn digest(&self, pieces: &[&[u8]]) -> [u8; 32] {
        let mut state = self.0.clone();
        for piece in pieces {
            state.update(piece);
        }
        state.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(***)")
    }
}

/// Write bytes as lowercase hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 0xF)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cases of RFC 4231 pass, with a key shorter and a key longer than a block.
    #[test]
    fn digests_are_those_of_rfc_4231() {
        let digest = |key: &[u8], pieces: &[&[u8]]| hexadecimal(&Key::new(&Secret::new(key)).digest(pieces));
        assert_eq!(
            digest(b"Jefe", &[b"what do ya want ", b"for nothing?"]),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            digest(&[0xaa; 131], &[b"Test Using Larger Than Block-Size Key - Hash Key First"]),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    /// Debug output doesn't show a key.
    #[test]
    fn keys_are_masked() {
        let secret = Secret::new(*b"key of sixteen b");
        assert_eq!(format!("{secret:?} {:?}", Key::new(&secret)), "Secret(***) Key(***)");
    }
}

//! Cleans photos off the threads that serve, a few at once. Whoever waits too long is told to come
//! back, so that a rush of photos takes neither the cores nor the memory.

use std::{sync::Arc, time::Duration};

use kernel::ErrorCode;
use platform::grpc::ServiceError;
use tokio::sync::Semaphore;

use crate::clean::{Cleaned, MAX_PIXELS, MAX_PROGRESSIVE_PIXELS, MAX_SIDE, Unclean, clean};

/// After how long it is worth trying again when too many photos wait.
const RETRY: Duration = Duration::from_secs(5);

/// Cleans photos, a few at once.
pub struct Cleaner {
    places: Arc<Semaphore>,
    wait: Duration,
}

impl Cleaner {
    /// So many at once; an upload waits so long for its turn.
    pub fn new(at_once: usize, wait: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(at_once)), wait }
    }

    /// Cleans a file.
    pub async fn clean(&self, file: Vec<u8>) -> Result<Cleaned, ServiceError> {
        let turn = tokio::time::timeout(self.wait, Arc::clone(&self.places).acquire_owned()).await;
        let Ok(Ok(place)) = turn else { return Err(busy()) };
        let cleaned = tokio::task::spawn_blocking(move || {
            let cleaned = clean(&file);
            drop(place);
            cleaned
        });
        // A decoder that a hostile file makes panic has read no photo.
        Ok(cleaned.await.unwrap_or(Err(Unclean::Damaged))?)
    }
}

/// Too many photos come at once.
pub fn busy() -> ServiceError {
    ServiceError::new(
        ErrorCode::Exhausted,
        "PHOTOS_BUSY",
        "too many photos come in just now: send the same request again in a moment",
        "当前上传照片的人较多, 请稍后用同一请求重试",
    )
    .retry_after(RETRY)
}

impl From<Unclean> for ServiceError {
    fn from(unclean: Unclean) -> Self {
        let en = unclean.to_string();
        let code = ErrorCode::InvalidArgument;
        match unclean {
            Unclean::Form(form) => Self::new(
                code,
                "PHOTO_FORM_UNKNOWN",
                en,
                format!("暂不支持 {form} 格式, 请转换为 JPEG 后上传"),
            ),
            Unclean::NoPhoto => {
                Self::new(code, "NOT_A_PHOTO", en, "这不是照片, 请上传 JPEG、PNG 或 WebP 文件")
            }
            Unclean::TooManyPixels => Self::new(
                code,
                "PHOTO_TOO_MANY_PIXELS",
                en,
                format!("照片每边最多{MAX_SIDE}像素, 总计最多{MAX_PIXELS}像素, 请缩小后上传"),
            ),
            Unclean::TooManyProgressive => Self::new(
                code,
                "PHOTO_PROGRESSIVE_TOO_LARGE",
                en,
                format!(
                    "渐进式 JPEG 最多{MAX_PROGRESSIVE_PIXELS}像素, 请另存为普通 JPEG 或缩小后上传"
                ),
            ),
            Unclean::Damaged => {
                Self::new(code, "PHOTO_DAMAGED", en, "照片已损坏或不完整, 请重新上传或重新拍摄")
            }
        }
    }
}

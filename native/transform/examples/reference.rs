//! Write `docs/reference/transforms.md` from the ops' definitions. Run it after changing an op.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/transforms.md");
    if let Some(folder) = page.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(page, chartly_transform::reference::page())
}

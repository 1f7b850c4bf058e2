//! Writes the seeds of every target into FOLDER/TARGET, and prints the targets.

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| std::io::Error::other("usage: fuzz-seeds FOLDER"))?;
    for target in idcard_fuzz::TARGETS {
        let folder = folder.join(target.name);
        std::fs::create_dir_all(&folder)?;
        for (place, seed) in (target.seeds)().into_iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{place}")), seed)?;
        }
        println!("{}", target.name);
    }
    Ok(())
}

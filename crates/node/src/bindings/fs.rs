//! `internalBinding('fs')`: files and folders. Every operation takes a callback last, `undefined` to
//! have the answer at once; what an answer is like stands in [`answer`].

pub(crate) mod answer;
pub(crate) mod fds;
mod files;
mod metadata;
mod tree;

use rquickjs::{Ctx, Function, Object, Value};
use rustix::{
    fs::{Access, AtFlags, CWD, Gid, Mode, Uid},
    io::Errno,
};

use answer::{Answer, Data, Outcome, PathArg, Target, answer};

type Reply<'js> = rquickjs::Result<Value<'js>>;
type Callback<'js> = Option<Function<'js>>;

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    let set = |name: &str, function: Function<'js>| binding.set(name, function);
    set("open", Function::new(ctx.clone(), open)?)?;
    set("close", Function::new(ctx.clone(), close)?)?;
    set("read", Function::new(ctx.clone(), read)?)?;
    set("readInto", Function::new(ctx.clone(), read_into)?)?;
    set("write", Function::new(ctx.clone(), write)?)?;
    set("readFile", Function::new(ctx.clone(), read_file)?)?;
    set("writeFile", Function::new(ctx.clone(), write_file)?)?;
    set("copyFile", Function::new(ctx.clone(), copy_file)?)?;
    set("sync", Function::new(ctx.clone(), sync)?)?;
    set("truncate", Function::new(ctx.clone(), truncate)?)?;
    set("stat", Function::new(ctx.clone(), stat)?)?;
    set("statfs", Function::new(ctx.clone(), statfs)?)?;
    set("access", Function::new(ctx.clone(), access)?)?;
    set("exists", Function::new(ctx.clone(), |path: PathArg| path.0.exists())?)?;
    set("chmod", Function::new(ctx.clone(), chmod)?)?;
    set("chown", Function::new(ctx.clone(), chown)?)?;
    set("utimes", Function::new(ctx.clone(), utimes)?)?;
    set("readdir", Function::new(ctx.clone(), readdir)?)?;
    set("mkdir", Function::new(ctx.clone(), mkdir)?)?;
    set("mkdtemp", Function::new(ctx.clone(), mkdtemp)?)?;
    set("rmdir", Function::new(ctx.clone(), rmdir)?)?;
    set("removeTree", Function::new(ctx.clone(), remove_tree)?)?;
    set("unlink", Function::new(ctx.clone(), unlink)?)?;
    set("rename", Function::new(ctx.clone(), rename)?)?;
    set("link", Function::new(ctx.clone(), link)?)?;
    set("symlink", Function::new(ctx.clone(), symlink)?)?;
    set("readlink", Function::new(ctx.clone(), readlink)?)?;
    set("realpath", Function::new(ctx.clone(), realpath)?)?;
    Ok(binding)
}

fn nothing(result: Result<(), Errno>) -> Outcome {
    result.map(|()| Answer::Nothing).map_err(Into::into)
}

fn open<'js>(
    ctx: Ctx<'js>,
    path: PathArg,
    flags: u32,
    mode: u32,
    callback: Callback<'js>,
) -> Reply<'js> {
    answer(&ctx, callback, move || {
        let fd = files::open(&path.0, flags, mode)?;
        Ok(Answer::Number(fds::insert(fd).into()))
    })
}

fn close<'js>(ctx: Ctx<'js>, fd: i32, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || nothing(fds::close(fd)))
}

/// At most `length` bytes from `position` (negative: from where the file stands).
fn read<'js>(
    ctx: Ctx<'js>,
    fd: i32,
    length: f64,
    position: f64,
    callback: Callback<'js>,
) -> Reply<'js> {
    answer(&ctx, callback, move || Ok(Answer::Bytes(files::read(fd, length as usize, position)?)))
}

/// Reads into `view` at `offset`, at once; gives the number of bytes.
fn read_into<'js>(
    ctx: Ctx<'js>,
    fd: i32,
    view: Value<'js>,
    offset: f64,
    length: f64,
    position: f64,
) -> Reply<'js> {
    answer::to_js(
        &ctx,
        (|| {
            let bytes = files::read(fd, length as usize, position)?;
            let count = sandtide_bytes::copy_in(&view, offset as usize, &bytes).unwrap_or(0);
            Ok(Answer::Number(count as f64))
        })(),
    )
}

fn write<'js>(
    ctx: Ctx<'js>,
    fd: i32,
    data: Data,
    position: f64,
    callback: Callback<'js>,
) -> Reply<'js> {
    answer(&ctx, callback, move || Ok(Answer::Number(files::write(fd, &data.0, position)? as f64)))
}

fn read_file<'js>(
    ctx: Ctx<'js>,
    target: Target,
    flags: u32,
    as_text: bool,
    callback: Callback<'js>,
) -> Reply<'js> {
    answer(&ctx, callback, move || {
        let bytes = files::read_whole(&target, flags)?;
        Ok(if as_text { Answer::Text(bytes) } else { Answer::Bytes(bytes) })
    })
}

fn write_file<'js>(
    ctx: Ctx<'js>,
    target: Target,
    data: Data,
    flags: u32,
    mode: u32,
    flush: bool,
    callback: Callback<'js>,
) -> Reply<'js> {
    answer(&ctx, callback, move || {
        files::write_whole(&target, &data.0, flags, mode, flush)?;
        Ok(Answer::Nothing)
    })
}

fn copy_file<'js>(
    ctx: Ctx<'js>,
    from: PathArg,
    to: PathArg,
    mode: u32,
    callback: Callback<'js>,
) -> Reply<'js> {
    answer(&ctx, callback, move || {
        files::copy(&from.0, &to.0, mode)?;
        Ok(Answer::Nothing)
    })
}

fn sync<'js>(ctx: Ctx<'js>, fd: i32, data_only: bool, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || {
        let fd = fds::get(fd)?;
        nothing(if data_only { rustix::fs::fdatasync(fd) } else { rustix::fs::fsync(fd) })
    })
}

fn truncate<'js>(ctx: Ctx<'js>, fd: i32, length: f64, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || {
        nothing(rustix::fs::ftruncate(fds::get(fd)?, length.max(0.0) as u64))
    })
}

fn stat<'js>(
    ctx: Ctx<'js>,
    target: Target,
    follow: bool,
    bigint: bool,
    callback: Callback<'js>,
) -> Reply<'js> {
    answer(&ctx, callback, move || {
        Ok(Answer::Numbers { values: metadata::stat(&target, follow)?, bigint })
    })
}

fn statfs<'js>(ctx: Ctx<'js>, path: PathArg, bigint: bool, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || {
        Ok(Answer::Numbers { values: metadata::statfs(&path.0)?, bigint })
    })
}

fn access<'js>(ctx: Ctx<'js>, path: PathArg, mode: u32, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || {
        nothing(rustix::fs::access(path.0, Access::from_bits_retain(mode)))
    })
}

fn chmod<'js>(ctx: Ctx<'js>, target: Target, mode: u32, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || {
        let mode = Mode::from_raw_mode(mode & 0o7777);
        nothing(match target {
            Target::Path(path) => rustix::fs::chmod(path, mode),
            Target::Fd(fd) => rustix::fs::fchmod(fds::get(fd)?, mode),
        })
    })
}

fn chown<'js>(
    ctx: Ctx<'js>,
    target: Target,
    uid: f64,
    gid: f64,
    follow: bool,
    callback: Callback<'js>,
) -> Reply<'js> {
    answer(&ctx, callback, move || {
        // -1 leaves an owner as it is.
        let uid = (0.0..4_294_967_295.0).contains(&uid).then(|| Uid::from_raw(uid as u32));
        let gid = (0.0..4_294_967_295.0).contains(&gid).then(|| Gid::from_raw(gid as u32));
        nothing(match target {
            Target::Path(path) => {
                let flags = if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
                rustix::fs::chownat(CWD, path, uid, gid, flags)
            }
            Target::Fd(fd) => rustix::fs::fchown(fds::get(fd)?, uid, gid),
        })
    })
}

fn utimes<'js>(
    ctx: Ctx<'js>,
    target: Target,
    accessed: f64,
    modified: f64,
    follow: bool,
    callback: Callback<'js>,
) -> Reply<'js> {
    answer(&ctx, callback, move || {
        nothing(metadata::set_times(&target, accessed, modified, follow))
    })
}

fn readdir<'js>(ctx: Ctx<'js>, path: PathArg, raw: bool, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || {
        let (names, kinds) = tree::list(&path.0)?.into_iter().unzip();
        Ok(Answer::Entries { names, kinds, raw })
    })
}

/// With `recursive`, gives the first folder that had to be made.
fn mkdir<'js>(
    ctx: Ctx<'js>,
    path: PathArg,
    mode: u32,
    recursive: bool,
    callback: Callback<'js>,
) -> Reply<'js> {
    answer(&ctx, callback, move || {
        let mode = Mode::from_raw_mode(mode & 0o7777);
        if !recursive {
            return nothing(rustix::fs::mkdir(path.0, mode));
        }
        let first = tree::make(&path.0, mode)?;
        Ok(first.map_or(Answer::Nothing, |path| Answer::name(tree::into_bytes(path), false)))
    })
}

fn mkdtemp<'js>(ctx: Ctx<'js>, prefix: PathArg, raw: bool, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || {
        Ok(Answer::name(tree::into_bytes(tree::make_temporary(prefix.0)?), raw))
    })
}

fn rmdir<'js>(ctx: Ctx<'js>, path: PathArg, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || nothing(rustix::fs::rmdir(path.0)))
}

fn remove_tree<'js>(ctx: Ctx<'js>, path: PathArg, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || {
        std::fs::remove_dir_all(path.0)?;
        Ok(Answer::Nothing)
    })
}

fn unlink<'js>(ctx: Ctx<'js>, path: PathArg, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || nothing(rustix::fs::unlink(path.0)))
}

fn rename<'js>(ctx: Ctx<'js>, from: PathArg, to: PathArg, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || nothing(rustix::fs::rename(from.0, to.0)))
}

fn link<'js>(ctx: Ctx<'js>, from: PathArg, to: PathArg, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || nothing(rustix::fs::link(from.0, to.0)))
}

fn symlink<'js>(ctx: Ctx<'js>, to: PathArg, path: PathArg, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || nothing(rustix::fs::symlink(to.0, path.0)))
}

fn readlink<'js>(ctx: Ctx<'js>, path: PathArg, raw: bool, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || {
        Ok(Answer::name(tree::into_bytes(std::fs::read_link(path.0)?), raw))
    })
}

fn realpath<'js>(ctx: Ctx<'js>, path: PathArg, raw: bool, callback: Callback<'js>) -> Reply<'js> {
    answer(&ctx, callback, move || {
        Ok(Answer::name(tree::into_bytes(std::fs::canonicalize(path.0)?), raw))
    })
}

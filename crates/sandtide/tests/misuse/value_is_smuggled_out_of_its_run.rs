use sandtide::{Image, Instance, Local, Run};

fn main() {
    let mut instance = Instance::new(&Image::base()).unwrap();
    let mut kept: Option<Local<'_>> = None;
    instance.scope(&Run::new(), |scope| kept = Some(scope.global())).unwrap();
}

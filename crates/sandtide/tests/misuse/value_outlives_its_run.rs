use sandtide::{Image, Instance, Run};

fn main() {
    let mut instance = Instance::new(&Image::base()).unwrap();
    let kept = instance.scope(&Run::new(), |scope| scope.global());
    drop(kept);
}

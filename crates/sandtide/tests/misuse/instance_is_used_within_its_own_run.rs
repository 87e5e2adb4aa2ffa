use sandtide::{Image, Instance, Run};

fn main() {
    let mut instance = Instance::new(&Image::base()).unwrap();
    instance.scope(&Run::new(), |_| instance.run(&Run::new())).unwrap();
}

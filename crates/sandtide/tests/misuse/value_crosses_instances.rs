use sandtide::{Image, Instance, Run};

fn main() {
    let mut one = Instance::new(&Image::base()).unwrap();
    let mut other = Instance::new(&Image::base()).unwrap();
    one.scope(&Run::new(), |first| {
        let value = first.global();
        other.scope(&Run::new(), |second| second.get(value, "x").is_ok()).unwrap()
    })
    .unwrap();
}

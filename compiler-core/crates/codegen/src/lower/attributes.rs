//! What LLVM is told of functions besides their types.

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::context::Context;
use inkwell::values::FunctionValue;
use ssa::{Effect, FunctionAttrs, InlineHint, Signature, Type};

/// Attributes, made once per module.
pub(super) struct Attributes {
    nounwind: Attribute,
    noreturn: Attribute,
    cold: Attribute,
    willreturn: Attribute,
    inline_hint: Attribute,
    inline_always: Attribute,
    inline_never: Attribute,
    pub(super) optsize: Attribute,
    zeroext: Attribute,
    memory_none: Attribute,
    memory_read: Attribute,
    pub(super) frame_pointer: Attribute,
    pub(super) probe_stack: Attribute,
}

/// LLVM's encoding of `memory(read)`: two bits, 01 for "read", for each of six kinds of memory.
const MEMORY_READ: u64 = 0b01_01_01_01_01_01;

impl Attributes {
    pub(super) fn new(context: &Context) -> Attributes {
        let valued = |name: &str, value: u64| {
            context.create_enum_attribute(Attribute::get_named_enum_kind_id(name), value)
        };
        let flag = |name: &str| valued(name, 0);
        Attributes {
            nounwind: flag("nounwind"),
            noreturn: flag("noreturn"),
            cold: flag("cold"),
            willreturn: flag("willreturn"),
            inline_hint: flag("inlinehint"),
            inline_always: flag("alwaysinline"),
            inline_never: flag("noinline"),
            optsize: flag("optsize"),
            zeroext: flag("zeroext"),
            memory_none: valued("memory", 0),
            memory_read: valued("memory", MEMORY_READ),
            frame_pointer: context.create_string_attribute("frame-pointer", "non-leaf"),
            probe_stack: context.create_string_attribute("probe-stack", "inline-asm"),
        }
    }

    pub(super) fn function(&self, function: FunctionValue<'_>, attrs: &FunctionAttrs) {
        let add = |attribute| function.add_attribute(AttributeLoc::Function, attribute);
        if attrs.noreturn {
            add(self.noreturn);
        }
        if attrs.cold {
            add(self.cold);
        }
        match attrs.inline {
            InlineHint::None => {}
            InlineHint::Hint => add(self.inline_hint),
            InlineHint::Always => add(self.inline_always),
            InlineHint::Never => add(self.inline_never),
        }
        match attrs.effect {
            Effect::Any => {}
            Effect::ReadOnly => {
                add(self.nounwind);
                add(self.memory_read);
                add(self.willreturn);
            }
            Effect::Pure => {
                add(self.nounwind);
                add(self.memory_none);
                add(self.willreturn);
            }
        }
    }

    /// What both sides of a call must agree on: a truth value fills its byte.
    pub(super) fn signature(&self, signature: &Signature, add: impl Fn(AttributeLoc, Attribute)) {
        for (index, &ty) in signature.params.iter().enumerate() {
            if ty == Type::I1 {
                add(AttributeLoc::Param(index as u32), self.zeroext);
            }
        }
        if signature.result == Some(Type::I1) {
            add(AttributeLoc::Return, self.zeroext);
        }
    }
}

//! What a key depends on, and what it must not.

use std::sync::Arc;

use ssa::{
    CodegenOptions, CodegenUnit, ExternFunc, Function, FunctionAttrs, FunctionBuilder, Global,
    Linkage, Loc, Operand, OptLevel, Signature, TargetSpec, Type, parse_function,
};

fn is_send<T: Send + Sync + 'static>() {}

#[test]
fn a_unit_may_cross_threads() {
    is_send::<CodegenUnit>();
}

/// Two calls; `swapped` declares the callees in the other order, and a third one for nothing.
fn caller(swapped: bool) -> Function {
    let mut builder = FunctionBuilder::new("caller", Signature::new([], Some(Type::I32)));
    let signature = Signature::new([Type::I32], Some(Type::I32));
    let declare = |builder: &mut FunctionBuilder, symbol: &str| {
        let (signature, attrs) = (signature.clone(), FunctionAttrs::default());
        builder.import_func(ExternFunc {
            symbol: symbol.into(),
            signature,
            attrs,
        })
    };
    if swapped {
        declare(&mut builder, "unused");
        declare(&mut builder, "b");
        builder.create_slot(4, 4, None);
    }
    let (a, b) = (declare(&mut builder, "a"), declare(&mut builder, "b"));
    let first = builder.call(a, vec![Operand::i32(1)]).unwrap();
    builder.set_loc(Some(Loc { line: 1, column: 3 }));
    let second = builder.call(b, vec![first]);
    builder.ret(second);
    builder.finish()
}

#[test]
fn table_order_does_not_matter() {
    assert_ne!(caller(false), caller(true));
    assert_eq!(caller(false).key(), caller(true).key());
    let mut compact = caller(true);
    compact.compact();
    assert_eq!(compact, caller(false));
}

#[test]
fn everything_that_codegen_reads_matters() {
    let key = caller(false).key();
    let changes: [fn(&mut Function); 8] = [
        |func| func.symbol = "other".into(),
        |func| func.display = "other".into(),
        |func| func.linkage = Linkage::Export,
        |func| func.attrs.cold = true,
        |func| func.insts.values_mut().for_each(|inst| inst.loc = None),
        |func| {
            func.funcs
                .values_mut()
                .for_each(|func| func.symbol = "c".into())
        },
        |func| {
            func.funcs
                .values_mut()
                .for_each(|func| func.signature.params[0] = Type::I64)
        },
        |func| {
            func.funcs
                .values_mut()
                .for_each(|func| func.attrs.noreturn = true)
        },
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut func = caller(false);
        change(&mut func);
        assert_ne!(func.key(), key, "change {index}");
    }
}

#[test]
fn a_unit_key_depends_on_contents_target_options_and_compiler() {
    let other = parse_function("func @other() {\nbb0:\n  return\n}").unwrap();
    let functions = [Arc::new(caller(false)), Arc::new(other)];
    let global = |symbol: &str| {
        Arc::new(Global {
            symbol: symbol.into(),
            align: 4,
            init: Arc::from([1, 2, 3, 4]),
            relocs: Vec::new(),
            zero_size: 0,
            writable: false,
            thread_local: false,
            linkage: Linkage::Local,
        })
    };
    let target = TargetSpec {
        triple: "x86_64-unknown-linux-gnu".into(),
        cpu: "generic".into(),
        features: "".into(),
    };
    let unit = CodegenUnit::new(
        functions.to_vec(),
        vec![global("x"), global("y")],
        target,
        CodegenOptions::default(),
    );
    let key = unit.key("build 1");

    let mut reordered = unit.clone();
    reordered.functions.reverse();
    reordered.globals.reverse();
    assert_eq!(reordered.key("build 1"), key);
    let CodegenUnit {
        functions,
        globals,
        target,
        options,
    } = reordered;
    assert_eq!(CodegenUnit::new(functions, globals, target, options), unit);

    assert_ne!(unit.key("build 2"), key);
    let changes: [fn(&mut CodegenUnit); 5] = [
        |unit| unit.target.cpu = "native".into(),
        |unit| unit.options.opt_level = OptLevel::O2,
        |unit| unit.options.quick_passes = true,
        |unit| unit.globals.truncate(1),
        |unit| unit.functions.truncate(1),
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut changed = unit.clone();
        change(&mut changed);
        assert_ne!(changed.key("build 1"), key, "change {index}");
    }
}

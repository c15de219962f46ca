//! What types say about themselves: counts, and tables that are read at an index.

use hir_def::AdtId;
use hir_def::signatures as s;
use hir_ty::{Shape, Ty, TyKind};
use ssa::{Data, DataKind, Operand, Type};

use super::IntrinsicOp as Op;
use super::emit::{IntrinsicCall, wide_int};
use crate::emit::{Emit, Val};
use crate::error::MonoErrorKind;
use crate::symbol;

pub(super) fn emit(cx: &mut Emit<'_>, call: &IntrinsicCall<'_>, ty: Ty) -> Val {
    let fields = fields_of(cx, ty);
    Val::Scalar(match call.op {
        Op::FieldCount => Operand::i64(fields.len() as i64),
        Op::VariantCount => Operand::i64(variant_count(cx, ty)),
        Op::FieldName => {
            let mut table = Table::default();
            fields.iter().for_each(|field| table.text(&field.name));
            let at = entry(cx, call, table);
            cx.b.load(Type::Ptr, at, 8)
        }
        Op::FieldOffset => {
            let mut table = Table::default();
            fields.iter().for_each(|field| table.word(field.offset));
            let at = entry(cx, call, table);
            cx.b.load(Type::I64, at, 8)
        }
        Op::FieldTypeId => {
            let mut table = Table::default();
            let ids = fields.iter().map(|field| symbol::type_id(cx.db, field.ty));
            ids.for_each(|id| table.word(id));
            let at = entry(cx, call, table);
            cx.b.load(Type::I64, at, 8)
        }
        _ => type_info(cx, call, ty, fields.len() as i64),
    })
}

struct Field {
    name: String,
    ty: Ty,
    offset: u64,
}

/// The fields of a struct; none of any other type.
fn fields_of(cx: &Emit<'_>, ty: Ty) -> Vec<Field> {
    let db = cx.db;
    let TyKind::Adt(adt @ AdtId::Struct(id), args) = ty.kind(db) else {
        return Vec::new();
    };
    let offsets = match &cx.layout(ty).shape {
        Shape::Struct { offsets } => &offsets[..],
        // A handle.
        _ => &[0],
    };
    let tys = hir_ty::adt_field_types(db, *adt, *args);
    let tys = tys.into_iter().next().unwrap_or_default();
    let names = s::struct_data(db, *id).fields.fields.iter();
    let parts = names.zip(tys).zip(offsets.iter());
    let parts = parts.map(|((field, ty), offset)| Field {
        name: field.name.to_string(),
        ty: crate::types::monomorphic(db, cx.build, ty, hir_ty::GenericArgs::empty(db)),
        offset: *offset,
    });
    parts.collect()
}

fn variant_count(cx: &Emit<'_>, ty: Ty) -> i64 {
    match ty.kind(cx.db) {
        TyKind::Adt(AdtId::Enum(id), _) => s::enum_data(cx.db, *id).variants.len() as i64,
        _ => 0,
    }
}

/// The address of the entry that the call asks for; the library has checked the index.
fn entry(cx: &mut Emit<'_>, call: &IntrinsicCall<'_>, table: Table) -> Operand {
    let index = wide_int(cx, call, 0);
    let data = cx.b.import_data(table.finish());
    let bytes = cx.mul_const(index, 8);
    cx.b.ptr_add(Operand::Data(data, 0), bytes)
}

/// Words, and the texts that some of them lead to.
#[derive(Default)]
struct Table {
    words: Vec<u8>,
    /// Where a text's handle is to stand, and the text.
    texts: Vec<(usize, String)>,
}

impl Table {
    fn word(&mut self, value: u64) {
        self.words.extend(value.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.texts.push((self.words.len(), text.to_owned()));
        }
        self.word(0);
    }

    /// One datum: the words, then the texts. Handles are distances from its own start.
    fn finish(self) -> Data {
        let mut bytes = self.words;
        let mut relocs = Vec::new();
        for (at, text) in self.texts {
            bytes.resize(bytes.len().next_multiple_of(16), 0);
            let target = (bytes.len() + crate::text::HEADER_BYTES) as u64;
            bytes.extend(crate::text::literal_bytes(&text));
            if let Some(word) = bytes.get_mut(at..at + 8) {
                word.copy_from_slice(&target.to_le_bytes());
            }
            relocs.push((at as u32, Default::default()));
        }
        if bytes.is_empty() {
            bytes.resize(8, 0);
        }
        Data {
            kind: DataKind::Bytes {
                bytes: bytes.into(),
                align: 16,
                relocs,
                writable: false,
            },
        }
    }
}

/// The address of a `TypeInfo` for a type, laid out as the library declares it.
fn type_info(cx: &mut Emit<'_>, call: &IntrinsicCall<'_>, ty: Ty, field_count: i64) -> Operand {
    let db = cx.db;
    let bad = |cx: &mut Emit<'_>| {
        let name = call.name.into();
        cx.error(MonoErrorKind::BadIntrinsic { name });
        Operand::Null
    };
    let TyKind::Ref { target: info, .. } = call.result.kind(db) else {
        return bad(cx);
    };
    let TyKind::Adt(AdtId::Struct(id), _) = info.kind(db) else {
        return bad(cx);
    };
    let layout = cx.layout(*info).clone();
    let Shape::Struct { offsets } = &layout.shape else {
        return bad(cx);
    };
    let mut table = Table {
        words: vec![0; (layout.size as usize).next_multiple_of(8)],
        texts: Vec::new(),
    };
    let names = s::struct_data(db, *id).fields.fields.iter();
    for (field, offset) in names.zip(offsets.iter()) {
        let at = *offset as usize;
        let value = match field.name.as_str() {
            "id" => symbol::type_id(db, ty),
            "name" => {
                table
                    .texts
                    .push((at, symbol::type_name(db, ty).to_string()));
                0
            }
            "kind" => kind_of(cx, ty),
            "size" => cx.size(ty),
            "align" => u64::from(cx.align(ty)),
            "field_count" => field_count as u64,
            "variant_count" => variant_count(cx, ty) as u64,
            _ => 0,
        };
        let size = if field.name == "kind" { 4 } else { 8 };
        if let Some(slot) = table.words.get_mut(at..at + size) {
            slot.copy_from_slice(&value.to_le_bytes()[..size]);
        }
    }
    let data = cx.b.import_data(table.finish());
    Operand::Data(data, 0)
}

/// The variant of `TypeKind`, in the order in which the library declares them.
fn kind_of(cx: &Emit<'_>, ty: Ty) -> u64 {
    match ty.kind(cx.db) {
        TyKind::Adt(AdtId::Struct(_) | AdtId::Union(_), _) => 0,
        TyKind::Adt(AdtId::Enum(_), _) => 1,
        TyKind::Bool
        | TyKind::Int(_)
        | TyKind::Float(_)
        | TyKind::Char
        | TyKind::Str
        | TyKind::Never => 2,
        TyKind::RawPtr(_) => 3,
        TyKind::Ref { .. } => 4,
        TyKind::Array(..) => 5,
        TyKind::Slice(_) => 6,
        TyKind::Tuple(parts) if parts.is_empty() => 2,
        TyKind::Tuple(_) => 7,
        TyKind::Func { .. } | TyKind::FnItem(..) | TyKind::Ctor(..) => 8,
        _ => 11,
    }
}

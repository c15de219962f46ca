//! What code generation can answer instead of an object.

use std::fmt;

/// The stable codes this crate reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodegenErrorCode {
    /// C001: the target, or something asked of it, is not supported.
    UnsupportedTarget,
    /// C009: an internal error. Always a bug of the compiler; never a wrong object.
    Internal,
}

impl CodegenErrorCode {
    pub const fn as_str(self) -> &'static str {
        match self {
            CodegenErrorCode::UnsupportedTarget => "C001",
            CodegenErrorCode::Internal => "C009",
        }
    }
}

/// Why there is no object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodegenError {
    pub code: CodegenErrorCode,
    /// One line that makes sense alone.
    pub message: String,
    /// The SSA or LLVM IR the failure was found in, for the report of a C009.
    pub ir: Option<String>,
}

impl CodegenError {
    pub(crate) fn unsupported(message: impl Into<String>) -> CodegenError {
        CodegenError {
            code: CodegenErrorCode::UnsupportedTarget,
            message: message.into(),
            ir: None,
        }
    }

    pub(crate) fn internal(message: impl Into<String>) -> CodegenError {
        CodegenError {
            code: CodegenErrorCode::Internal,
            message: message.into(),
            ir: None,
        }
    }

    pub(crate) fn with_ir(mut self, ir: String) -> CodegenError {
        self.ir = Some(ir);
        self
    }
}

impl fmt::Display for CodegenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for CodegenError {}

/// An instruction builder that refuses is a bug of the lowering, not of the program.
impl From<inkwell::builder::BuilderError> for CodegenError {
    fn from(error: inkwell::builder::BuilderError) -> CodegenError {
        CodegenError::internal(format!("LLVM instruction builder: {error}"))
    }
}

//! Makes a list of what a type says: the names of its fields, of an enum those of each variant.
//!
//! It reads a declaration and nothing else. What is said with a code so stands once, where the type stands.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Error, Field, Fields, LitInt, LitStr, Result, Type, Variant, parse_macro_input,
};

/// Derives `linli_core::vocabulary::Says`.
///
/// A code is a variant's name in snake case, as it is serialized. A variant that holds another type says what that says.
/// `#[says(also = "code")]` at a variant lists it under a second code too, `#[says(skip)]` does not list it.
#[proc_macro_derive(Says, attributes(says))]
pub fn says(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    list(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn list(input: &DeriveInput) -> Result<Tokens> {
    let mut sayings = Vec::new();
    match &input.data {
        Data::Struct(of) => sayings.push(saying("", &of.fields)?),
        Data::Enum(of) => {
            for variant in &of.variants {
                for code in codes(variant)? {
                    sayings.push(saying(&code, &variant.fields)?);
                }
            }
        }
        Data::Union(_) => return Err(Error::new_spanned(input, "a union says nothing")),
    }
    let (name, (generics, of, given)) = (&input.ident, input.generics.split_for_impl());
    Ok(quote! {
        impl #generics ::linli_core::vocabulary::Says for #name #of #given {
            const SAYS: &'static [::linli_core::vocabulary::Terms] = &[#(#sayings),*];
        }
    })
}

/// The codes of a variant: its name, and what stands beside it.
fn codes(variant: &Variant) -> Result<Vec<String>> {
    let mut codes = vec![snake(&variant.ident.to_string())];
    for attribute in variant.attrs.iter().filter(|attribute| attribute.path().is_ident("says")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("skip") {
                codes.clear();
            } else {
                codes.push(meta.value()?.parse::<LitStr>()?.value());
            }
            Ok(())
        })?;
    }
    Ok(codes)
}

fn saying(code: &str, fields: &Fields) -> Result<Tokens> {
    let params = match fields {
        Fields::Unit => quote!(&[]),
        Fields::Named(named) => {
            let params = named.named.iter().map(param).collect::<Result<Vec<_>>>()?;
            quote!(&[#(#params),*])
        }
        Fields::Unnamed(held) => {
            let held = held.unnamed.iter().map(|field| &field.ty);
            quote!(#(<#held as ::linli_core::vocabulary::Says>::SAYS[0].params)*)
        }
    };
    Ok(quote!(::linli_core::vocabulary::Terms { code: #code, params: #params }))
}

fn param(field: &Field) -> Result<Tokens> {
    let name = field.ident.as_ref().map(|ident| ident.to_string()).unwrap_or_default();
    let name = name.trim_start_matches("r#");
    let number = match number(&field.attrs)? {
        Some(number) => quote!(Some(#number)),
        None => quote!(None),
    };
    let text = is_text(&field.ty);
    Ok(quote!(::linli_core::vocabulary::Param { name: #name, number: #number, text: #text }))
}

/// The number that a field has on the wire: `#[n(3)]`, or among others in `#[cbor(n(3), …)]`.
fn number(attributes: &[Attribute]) -> Result<Option<LitInt>> {
    for attribute in attributes {
        if attribute.path().is_ident("n") {
            return attribute.parse_args().map(Some);
        }
        if attribute.path().is_ident("cbor") {
            let mut found = None;
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("n") {
                    let inside;
                    syn::parenthesized!(inside in meta.input);
                    found = Some(inside.parse()?);
                } else if meta.input.peek(syn::Token![=]) {
                    meta.value()?.parse::<LitStr>()?;
                }
                Ok(())
            })?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    Ok(None)
}

/// Whether a field holds what a person wrote, if anything.
fn is_text(of: &Type) -> bool {
    let written = quote!(#of).to_string();
    ["String", "Option < String >"].contains(&written.as_str())
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

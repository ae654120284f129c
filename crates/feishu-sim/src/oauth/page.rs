//! The HTML of the authorize page.

use std::fmt::Write;

use super::authorize::{Ask, Fault, Fields};
use crate::world::World;

pub(super) fn consent(world: &World, fields: &Fields, ask: &Ask) -> String {
    let mut form = String::new();
    for (name, value) in fields {
        let _ = write!(form, r#"<input type="hidden" name="{}" value="{}">"#, escape(name), escape(value));
    }
    for (index, row) in world.people.values().enumerate() {
        let checked = if index == 0 { " checked" } else { "" };
        let (open_id, name) = (escape(&row.person.open_id), escape(&row.person.name));
        let _ = write!(
            form,
            r#"<p><label><input type="radio" name="open_id" value="{open_id}"{checked}> {name}</label></p>"#
        );
    }
    let mut scopes = String::new();
    for scope in &ask.scopes {
        let _ = write!(scopes, "<li>{}</li>", escape(scope));
    }
    page(&format!(
        r#"<h1>授权 <small>Authorise</small></h1>
<p>应用 <b>{app}</b> 请求以下权限：</p><ul>{scopes}</ul>
<form method="post" action="/open-apis/authen/v1/authorize">{form}
<button name="decision" value="allow">授权 Allow</button>
<button name="decision" value="deny">拒绝 Deny</button></form>"#,
        app = escape(&world.app.app_id),
    ))
}

pub(super) fn fault(fault: &Fault) -> String {
    page(&format!("<h1>错误码 {}</h1><p>{}</p>", fault.code, escape(fault.says)))
}

fn page(body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>feishu-sim</title></head>\
         <body>{body}</body></html>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

//! The platform's AI products as a Markdown file that reads well without any program of ours.

use std::fmt::Write;

use feishu::Artifacts;

use crate::model::Recording;

/// Summary, chapters and to-dos; empty when there are none.
pub(super) fn to_markdown(recording: &Recording, artifacts: &Artifacts) -> String {
    let mut body = String::new();
    if let Some(summary) = artifacts.summary.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let _ = writeln!(body, "## 摘要 Summary\n\n{summary}\n");
    }
    if !artifacts.chapters.is_empty() {
        body.push_str("## 章节 Chapters\n\n");
        for chapter in &artifacts.chapters {
            let _ = writeln!(body, "### {} {}\n", clock_time(chapter.start_ms), one_line(&chapter.title));
            if let Some(summary) = &chapter.summary {
                let _ = writeln!(body, "{}\n", summary.trim());
            }
        }
    }
    if !artifacts.todos.is_empty() {
        body.push_str("## 待办 To-dos\n\n");
        for todo in &artifacts.todos {
            let _ = write!(body, "- [ ] {}", one_line(&todo.content));
            if !todo.assignees.is_empty() {
                let _ = write!(body, "（{}）", one_line(&todo.assignees.join("、")));
            }
            body.push('\n');
        }
    }
    if body.is_empty() {
        return body;
    }
    format!("# {}\n\n{body}", one_line(recording.title.as_deref().unwrap_or("未命名")))
}

/// `01:02:03` from milliseconds.
fn clock_time(at_ms: Option<i64>) -> String {
    let seconds = at_ms.unwrap_or(0).max(0) / 1_000;
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

//! Who is in a department. Feishu docs: contact-v3/user/find_by_department.

use reqwest::Method;

use crate::budget::Api;
use crate::client::Client;
use crate::error::Error;
use crate::ids::OpenId;
use crate::lenient;

/// The most that the platform gives in one page.
const PAGE_SIZE: &str = "50";
/// More than any department has; a list that goes on for ever ends here.
const MOST_PAGES: usize = 1_000;

impl Client {
    /// The people who are directly in this department (`od-…`, or `0` for the company itself). The app needs the scope
    /// `contact:contact.base:readonly` and the department in its contact range.
    pub async fn department_members(&self, department: &str) -> Result<Vec<OpenId>, Error> {
        let mut members = Vec::new();
        let mut page_token = String::new();
        for _ in 0..MOST_PAGES {
            let request = || {
                self.request(Method::GET, "/open-apis/contact/v3/users/find_by_department").query(&[
                    ("user_id_type", "open_id"),
                    ("department_id_type", "open_department_id"),
                    ("department_id", department),
                    ("page_size", PAGE_SIZE),
                    ("page_token", &page_token),
                ])
            };
            let answer = self.call_as_tenant(Api::DepartmentMembers, request).await?;
            let data = answer.data()?;
            let ids =
                lenient::list(data, "items").iter().filter_map(|person| lenient::text(person, "open_id"));
            members.extend(ids.filter_map(|id| OpenId::parse(&id).ok()));
            match lenient::text(data, "page_token").filter(|next| !next.is_empty() && *next != page_token) {
                Some(next) => page_token = next,
                None => break,
            }
        }
        Ok(members)
    }
}

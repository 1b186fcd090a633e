//! Fails in the ways that Rust programs fail.
use std::error::Error;
use std::fmt;

#[derive(Debug)]
pub struct Looking {
    pub shop: &'static str,
    source: std::num::ParseIntError,
}

impl fmt::Display for Looking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "looking in {}", self.shop)
    }
}

impl Error for Looking {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

#[derive(Debug)]
pub enum Picking {
    Banner { count: usize, source: Looking },
}

impl fmt::Display for Picking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Picking::Banner { count, .. } = self;
        write!(f, "picking {count}")
    }
}

impl Error for Picking {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let Picking::Banner { source, .. } = self;
        Some(source)
    }
}

pub struct Shop<T> {
    pub banners: Vec<T>,
}

pub trait Pick {
    fn first(&self, index: usize) -> String;
}

impl<T: ToString> Pick for Shop<T> {
    #[inline(never)]
    fn first(&self, index: usize) -> String {
        let banners = &self.banners;
        let chosen = [index].map(|at| banners[at].to_string());
        chosen.concat()
    }
}

impl<T: ToString> Shop<T> {
    #[inline(never)]
    pub fn last(&self) -> String {
        self.banners.last().unwrap().to_string()
    }

    #[inline(never)]
    pub fn only(&self) -> String {
        if self.banners.len() != 1 {
            panic!("{} banners where one is wanted", self.banners.len());
        }
        self.banners[0].to_string()
    }

    /// Panics in somebody else's crate.
    #[inline(never)]
    pub fn store(&self, at: usize) -> serde_json::Value {
        let mut list = serde_json::json!([]);
        list[at] = serde_json::json!("banner");
        list
    }

    #[inline(never)]
    pub fn pick(&self, count: &str) -> Result<usize, Picking> {
        let looked = count.parse::<usize>();
        looked.map_err(|source| Picking::Banner {
            count: 3,
            source: Looking {
                shop: "paris",
                source,
            },
        })
    }
}

//! My standing, for members, until the result says it for good.

use super::state::Live;
use crate::{
    format::{money, score},
    live::{phase::Phase, standing::Standing},
};
use leptos::{either::Either, prelude::*};

pub(super) fn standing(live: Live) -> impl IntoView {
    let texts = live.texts;
    live.terms.me.map(|_| {
        view! {
            <section class="card standing" hidden=move || live.phase.get() == Phase::Ended>
                <h2>{texts.standing_title}</h2>
                {move || match live.standing.get() {
                    Some(standing) => Either::Left(facts(live, standing)),
                    None => Either::Right(view! { <p class="muted">{texts.standing_none}</p> }),
                }}
            </section>
        }
    })
}

fn facts(live: Live, standing: Standing) -> impl IntoView {
    let texts = live.texts;
    let winning = standing.rank <= live.terms.quota;
    let (class, place) =
        if winning { ("badge good", texts.standing_winning) } else { ("badge bad", texts.standing_outside) };
    view! {
        <dl class="facts big">
            <div>
                <dt>{texts.rank}</dt>
                <dd data-my-rank=standing.rank.to_string()>{standing.rank.to_string()}</dd>
            </div>
            <div>
                <dt>{texts.price}</dt>
                <dd>{standing.price.map(money)}</dd>
            </div>
            <div>
                <dt>{texts.score}</dt>
                <dd>{score(standing.score)}</dd>
            </div>
        </dl>
        <p class="place"><span class=class>{place}</span></p>
    }
}

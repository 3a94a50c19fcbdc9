//! `/api/v1/products`

use crate::http::{
    extract::{Admin, Body, Params, PathId},
    failure::{Answer, Failure},
};
use axum::{Json, extract::State};
use domain::{
    ProductId,
    api::products::{CreateProduct, Product, ProductList, UpdateProduct},
};
use engine::Engine;
use http::StatusCode;

pub async fn list(State(engine): State<Engine>, params: Params) -> Answer<Json<ProductList>> {
    Ok(Json(engine.products.list(params.page()?).await?))
}

pub async fn show(State(engine): State<Engine>, PathId(id): PathId<ProductId>) -> Answer<Json<Product>> {
    engine.products.get(id).await.map(Json).map_err(Failure::at_path)
}

pub async fn create(
    State(engine): State<Engine>,
    Admin(actor): Admin,
    Body(product): Body<CreateProduct>,
) -> Answer<(StatusCode, Json<Product>)> {
    Ok((StatusCode::CREATED, Json(engine.products.create(&actor, product).await?)))
}

pub async fn update(
    State(engine): State<Engine>,
    Admin(actor): Admin,
    PathId(id): PathId<ProductId>,
    Body(change): Body<UpdateProduct>,
) -> Answer<Json<Product>> {
    engine.products.update(&actor, id, change).await.map(Json).map_err(Failure::at_path)
}

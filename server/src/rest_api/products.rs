//! `/api/v1/products`

use crate::http::{
    authentication::CurrentAdmin,
    entity_tags::{IfMatch, Tagged},
    error_response::{ErrorResponse, HandlerResult},
    json_body::JsonBody,
    url_params::{PathId, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    ProductId,
    api::products::{CreateProduct, Product, ProductList, UpdateProduct},
};
use engine::Engine;
use http::StatusCode;

/// `GET /products`: a page of the products on offer.
pub async fn list(State(engine): State<Engine>, params: QueryParams) -> HandlerResult<Json<ProductList>> {
    Ok(Json(engine.products.list(params.page()?).await?))
}

/// `GET /products/{id}`: a product, even if it was withdrawn.
pub async fn show(State(engine): State<Engine>, PathId(id): PathId<ProductId>) -> HandlerResult<Tagged<Product>> {
    engine.products.get(id).await.map(Tagged).map_err(ErrorResponse::for_path_resource)
}

/// `POST /products`, by admins.
pub async fn create(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    JsonBody(product): JsonBody<CreateProduct>,
) -> HandlerResult<(StatusCode, Tagged<Product>)> {
    Ok((StatusCode::CREATED, Tagged(engine.products.create(&actor, product).await?)))
}

/// `PATCH /products/{id}`, by admins; fields that are missing stay as they are.
pub async fn update(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    PathId(id): PathId<ProductId>,
    IfMatch(precondition): IfMatch,
    JsonBody(change): JsonBody<UpdateProduct>,
) -> HandlerResult<Tagged<Product>> {
    engine
        .products
        .update_if(&actor, id, change, &precondition)
        .await
        .map(Tagged)
        .map_err(ErrorResponse::for_path_resource)
}

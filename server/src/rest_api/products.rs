//! `/api/v1/products`

use crate::http::{
    authentication::CurrentAdmin,
    entity_tags::{IfMatch, IfMatchParam, Tagged},
    error_response::{ErrorResponse, HandlerResult},
    idempotent_body::{IdempotencyKeyParam, IdempotentBody},
    json_body::JsonBody,
    url_params::{PageParams, PathId, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    ProductId,
    api::products::{CreateProduct, Product, ProductList, UpdateProduct},
};
use engine::Engine;
use http::StatusCode;

/// A page of the products on offer.
#[utoipa::path(
    get,
    path = "/products",
    tag = "Products",
    operation_id = "listProducts",
    params(PageParams),
    responses(
        (status = 200, description = "The page.", body = ProductList),
    ),
)]
pub async fn list(State(engine): State<Engine>, params: QueryParams) -> HandlerResult<Json<ProductList>> {
    Ok(Json(engine.products.list(params.page()?).await?))
}

/// A product, even if it was withdrawn.
#[utoipa::path(
    get,
    path = "/products/{id}",
    tag = "Products",
    operation_id = "getProduct",
    params(("id" = ProductId, Path, description = "The product's id.")),
    responses(
        (status = 200, description = "The product.", body = Product, headers(("ETag" = String))),
        (status = 404, description = "`NOT_FOUND`"),
    ),
)]
pub async fn show(State(engine): State<Engine>, PathId(id): PathId<ProductId>) -> HandlerResult<Tagged<Product>> {
    engine.products.get(id).await.map(Tagged).map_err(ErrorResponse::for_path_resource)
}

/// Creates a product. For admins.
#[utoipa::path(
    post,
    path = "/products",
    tag = "Products",
    operation_id = "createProduct",
    params(IdempotencyKeyParam),
    request_body = CreateProduct,
    responses(
        (status = 201, description = "The product.", body = Product, headers(("ETag" = String))),
    ),
    security(("token" = ["admin"])),
)]
pub async fn create(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    IdempotentBody { body, key }: IdempotentBody<CreateProduct>,
) -> HandlerResult<(StatusCode, Tagged<Product>)> {
    Ok((StatusCode::CREATED, Tagged(engine.products.create_once(&actor, body, key.as_ref()).await?)))
}

/// Edits a product; fields that are missing stay as they are. For admins.
#[utoipa::path(
    patch,
    path = "/products/{id}",
    tag = "Products",
    operation_id = "updateProduct",
    params(("id" = ProductId, Path, description = "The product's id."), IfMatchParam),
    request_body = UpdateProduct,
    responses(
        (status = 200, description = "The product after the edit.", body = Product, headers(("ETag" = String))),
        (status = 404, description = "`NOT_FOUND`"),
        (status = 409, description = "`INSUFFICIENT_STOCK`, `CONFLICT`"),
        (status = 412, description = "`STALE`"),
    ),
    security(("token" = ["admin"])),
)]
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

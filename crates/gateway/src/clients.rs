//! The services as the pages call them: one connection each, made at the first call, with the token
//! of whoever is signed in. A further service is one row of `clients!`.

use std::time::Duration;

use platform::{
    grpc::Bearer,
    service::{Context, StartError},
};
use tonic::{
    service::interceptor::InterceptedService,
    transport::{Channel, Endpoint},
};

use crate::config::Config;

/// How a client calls: with a token, or with none where the method is public.
pub(crate) type Calls = InterceptedService<Channel, Caller>;

/// Adds the token, if there is one.
#[derive(Clone, Debug)]
pub(crate) struct Caller(Option<Bearer>);

impl tonic::service::Interceptor for Caller {
    fn call(&mut self, request: tonic::Request<()>) -> Result<tonic::Request<()>, tonic::Status> {
        match &mut self.0 {
            Some(bearer) => bearer.call(request),
            None => Ok(request),
        }
    }
}

impl Caller {
    /// A token that cannot stand in a header calls as nobody: the service then asks for a sign-in.
    fn of(token: Option<&str>) -> Self {
        Self(token.and_then(|token| Bearer::new(token).ok()))
    }
}

/// Where no other time is set: how long a connection may take to be made.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// How long a photo may take: on its way, and waiting for its turn to be drawn.
const PHOTO_LIMIT: Duration = Duration::from_secs(30);

fn channel(config: &Config, context: &Context, service: &str) -> Result<Channel, StartError> {
    let url = config.endpoints.get(service).cloned().unwrap_or_else(|| context.grpc_url());
    let endpoint = Endpoint::from_shared(url).map_err(|_| {
        StartError::Other(format!(
            "gateway.endpoints.{service} is no address: write https://host:port"
        ))
    })?;
    let limit = if service == "media" { PHOTO_LIMIT } else { config.call_limit() };
    let endpoint = endpoint
        .connect_timeout(CONNECT_LIMIT)
        .timeout(limit)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_while_idle(true);
    Ok(context.trust.lazy(&endpoint))
}

macro_rules! clients {
    ($($service:ident: $client:ident in $($module:ident)::+;)*) => {
        /// The connections, cheap to clone.
        #[derive(Clone, Debug)]
        pub(crate) struct Clients {
            $($service: Channel,)*
        }

        impl Clients {
            /// The connections; none is made yet.
            pub(crate) fn new(config: &Config, context: &Context) -> Result<Self, StartError> {
                Ok(Self { $($service: channel(config, context, stringify!($service))?,)* })
            }

            $(
                #[doc = concat!("The service `", stringify!($service), "`, called with this token.")]
                pub(crate) fn $service<'a>(
                    &self,
                    token: impl Into<Option<&'a str>>,
                ) -> $client<Calls> {
                    $client::with_interceptor(self.$service.clone(), Caller::of(token.into()))
                }
            )*
        }

        $(use $($module)::+::$client;)*
    };
}

clients! {
    access: AccessServiceClient in api::access::v1::access_service_client;
    grid: GridServiceClient in api::grid::v1::grid_service_client;
    intake: IntakeServiceClient in api::intake::v1::intake_service_client;
    dispatch: DispatchServiceClient in api::dispatch::v1::dispatch_service_client;
    camera: CameraServiceClient in api::camera::v1::camera_service_client;
    points: PointsServiceClient in api::points::v1::points_service_client;
    admin: AdminServiceClient in api::admin::v1::admin_service_client;
    media: MediaServiceClient in api::media::v1::media_service_client;
}

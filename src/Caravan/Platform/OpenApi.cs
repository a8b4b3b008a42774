using System.Reflection;
using System.Text.Json.Nodes;
using Caravan.Platform.Access;
using Caravan.Platform.Ids;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Caravan.Platform;

/// <summary>The API's own description, OpenAPI 3.1, at <c>/openapi/v1.json</c>: what the built-in generator cannot know is added here.</summary>
internal static class OpenApi
{
    private const string Bearer = "key";

    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = description => description.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Caravan",
                Version = "1",
                Description = """
                    Stock of several companies read as one; orders promised, sourced from the closest shelf and carried to the door.

                    Errors are problem details (RFC 9457) whose `errors` name each faulty field by JSON pointer; their types are listed in docs/problems.md.
                    Writes take an `Idempotency-Key`: the same key with the same request gets the same answer for 24 hours.
                    Lists come in pages: pass `next` as `cursor`. Instants are ISO 8601 with an offset; money is in minor units with its ISO 4217 currency.
                    Unknown and duplicate fields are refused.
                    """,
                License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
            };
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "Your company's API key, crv_…" },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Id<>))
                DescribeId(schema, type);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            foreach (var parameter in operation.Parameters ?? [])
            {
                var type = context.Description.ParameterDescriptions.FirstOrDefault(one => one.Name == parameter.Name)?.Type;
                type = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
                if (parameter.Schema is OpenApiSchema schema && type is { IsGenericType: true } && type.GetGenericTypeDefinition() == typeof(Id<>))
                    DescribeId(schema, type);
            }

            if (ScopeGate.Of(context.Description.ActionDescriptor.EndpointMetadata, context.Description.HttpMethod ?? "GET") is { } scope)
            {
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [scope.ToString()] }];
                (operation.Responses ??= []).TryAdd("403", new OpenApiResponse { Description = $"The key has not the scope {scope}" });
            }

            if (context.Description.HttpMethod is not "GET")
            {
                (operation.Parameters ??= []).Add(new OpenApiParameter
                {
                    Name = "Idempotency-Key",
                    In = ParameterLocation.Header,
                    Description = "A key of your own making; a repeated request with it is answered the same and done once.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 255 },
                });
            }

            return Task.CompletedTask;
        });
    });

    public static void MapApiDescription(this IEndpointRouteBuilder routes) => routes.MapOpenApi().AllowAnonymous();

    private static void DescribeId(OpenApiSchema schema, Type type)
    {
        var prefix = (string)type.GenericTypeArguments[0].GetProperty(nameof(IIdKind.Prefix), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!; // Every kind has one.
        schema.Type = JsonSchemaType.String;
        schema.Pattern = $"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$";
        schema.Examples = [JsonValue.Create($"{prefix}_01h455vb4pex5vsknk084sn02q")!]; // A string is never null.
    }
}

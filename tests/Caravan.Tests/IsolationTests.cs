using System.Reflection;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Caravan.Platform.Ids;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests;

/// <summary>
/// One company's pages are not there for another: every page and form with an id in its path, taken from the route table itself, is
/// asked for by a stranger who is signed in, with ids of things that there are. The API is walked likewise by <see cref="ContractTests"/>,
/// tables and statements by <c>SqlRulesTests</c>.
/// </summary>
[Trait("Store", "once")]
public sealed class IsolationTests
{
    // Reports of the shadow are kept in memory under made-up names.
    private const string NoReport = "AAAAAAAAAAAAAAAAAAAAAA";

    [Fact]
    public async Task Every_page_and_form_of_one_companys_thing_is_not_there_for_another()
    {
        await using var world = await OrderWorld.StartAsync();
        var ids = await ContractTests.IdsAsync(world);
        ids["ptn"] = world.Chain.Id.ToString();
        using var stranger = await SignedInAsync(world, world.Stranger.Key);
        List<string> open = [];
        var (walked, found) = (0, 0);

        foreach (var endpoint in world.Caravan.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>())
        {
            var pattern = endpoint.RoutePattern.RawText ?? "";
            if (endpoint.RoutePattern.Parameters.Count == 0 || pattern.Contains("/v1/", StringComparison.Ordinal) || pattern.StartsWith("{**", StringComparison.Ordinal) || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
                continue;

            var parameters = endpoint.Metadata.GetOrderedMetadata<IParameterBindingMetadata>();
            var path = endpoint.RoutePattern.Parameters.Aggregate(pattern, (url, one) => url.Replace($"{{{one.Name}}}", ValueOf(parameters.Single(parameter => parameter.Name == one.Name).ParameterInfo, ids), StringComparison.Ordinal));
            var method = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Single(); // Ours name one.
            walked++;
            int status;
            if (method == "GET")
            {
                status = await StatusAsync(world.Stranger.Http, path);
                found += await StatusAsync(world.Chain.Http, path) == 200 ? 1 : 0;
            }
            else
            {
                await stranger.OpenAsync("/operations/keys");
                var form = stranger.Page.QuerySelectorAll<IHtmlFormElement>("form").First(one => one.GetAttribute("action") == "/operations/keys");
                form.SetAttribute("action", path);
                await stranger.SubmitAsync(form, [.. FieldsOf(parameters, ids)]);
                status = stranger.Status;
            }

            if (status != 404)
                open.Add($"{method} {path} answers another company with {status}");
        }

        Assert.Empty(open);
        Assert.True(walked > 40, $"Only {walked} pages and forms have an id in their path.");
        Assert.True(found > 8, $"Only {found} pages are there for their owner: what is hidden from the stranger must be there to be hidden.");
    }

    // A stream has no end: its status is enough.
    private static async Task<int> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, TestCaravan.Cancel);
        return (int)answer.StatusCode;
    }

    private static string ValueOf(ParameterInfo parameter, Dictionary<string, string> ids)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Id<>)
            ? ids[(string)type.GenericTypeArguments[0].GetProperty(nameof(IIdKind.Prefix))!.GetValue(null)!] // Every kind has one.
            : type == typeof(int) || type == typeof(long) ? "1"
            : type == typeof(bool) ? "true"
            : type.IsEnum ? Enum.GetNames(type)[0]
            : parameter.Name == "id" ? NoReport : "tea";
    }

    private static IEnumerable<(string Name, string Value)> FieldsOf(IEnumerable<IParameterBindingMetadata> parameters, Dictionary<string, string> ids) =>
        from parameter in parameters
        let field = parameter.ParameterInfo.GetCustomAttribute<FromFormAttribute>()
        where field is not null
        select (field.Name ?? parameter.Name, ValueOf(parameter.ParameterInfo, ids));

    private static async Task<PageVisitor> SignedInAsync(OrderWorld world, string key)
    {
        var visitor = new PageVisitor(world.Caravan);
        await visitor.OpenAsync("/sign-in");
        await visitor.SubmitAsync("/sign-in", ("key", key));
        return visitor;
    }
}

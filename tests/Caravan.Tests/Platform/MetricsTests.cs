using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.RegularExpressions;
using Caravan.Platform.Telemetry;
using Caravan.Tests.Orders;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Platform;

public sealed partial class MetricsTests
{
    [Theory]
    [InlineData("http.server.request.duration", "s", false, "http_server_request_duration_seconds")]
    [InlineData("caravan.desk.decided", null, true, "caravan_desk_decided_total")]
    [InlineData("dotnet.process.memory.working_set", "By", false, "dotnet_process_memory_working_set_bytes")]
    [InlineData("kestrel.active_connections", "{connection}", false, "kestrel_active_connections")]
    public void A_figure_is_named_as_prometheus_names_it(string name, string? unit, bool isCounter, string expected) =>
        Assert.Equal(expected, PrometheusMetric.NameOf(name, unit, isCounter));

    [Fact]
    public void Labels_are_escaped_and_buckets_add_up()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var prometheus = new Prometheus(meters);
        var meter = Figures.Of(meters);
        meter.CreateCounter<long>("odd", null, "Two\nlines \\ here").Add(2, new KeyValuePair<string, object?>("path", "a\\b\"c\nd"));
        var took = meter.CreateHistogram("took", "s", "How long", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var seconds in (double[])[0.05, 0.1, 0.5, 3])
            took.Record(seconds);

        var text = prometheus.Write();

        Assert.Contains("# HELP odd_total Two\\nlines \\\\ here\n# TYPE odd_total counter\nodd_total{path=\"a\\\\b\\\"c\\nd\"} 2\n", text, StringComparison.Ordinal);
        // 0.05 and 0.1 are at most 0.1; 0.5 at most 1; the sum is 3.65.
        Assert.Contains("# TYPE took_seconds histogram\ntook_seconds_bucket{le=\"0.1\"} 2\ntook_seconds_bucket{le=\"1\"} 3\ntook_seconds_bucket{le=\"+Inf\"} 4\ntook_seconds_sum 3.65\ntook_seconds_count 4\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_has_the_operators_key_sees_what_the_server_does_and_nothing_of_any_company()
    {
        await using var world = await OrderWorld.StartAsync(settings => settings with { MetricsKey = "operators-own" });
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.PlaceAsync("N-1");
        await world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("N-1"), key: "key-N-1");
        await world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("N-2", "withinHour", OrderWorld.Line("tea", 50)), key: "key-N-2");
        using var operators = world.Caravan.Client("operators-own");

        var stranger = await world.Caravan.Anonymous.FetchAsync("/metrics");
        var partner = await world.Chain.Http.FetchAsync("/metrics");
        var answer = await operators.GetAsync(new Uri("/metrics", UriKind.Relative), TestCaravan.Cancel);
        var text = await answer.Content.ReadAsStringAsync(TestCaravan.Cancel);

        Assert.Equal((401, 401, 200), (stranger.Status, partner.Status, (int)answer.StatusCode));
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(1, Value(text, "caravan_desk_decided_total{outcome=\"placed\",reason=\"\"}"));
        Assert.Equal(1, Value(text, "caravan_desk_decided_total{outcome=\"repeated\",reason=\"\"}"));
        Assert.Equal(1, Value(text, "caravan_desk_decided_total{outcome=\"refused\",reason=\"OutOfStock\"}"));
        Assert.Equal(8_192, Value(text, "caravan_desk_waiting_max"));
        Assert.Equal(0, Value(text, "caravan_desk_waiting"));
        Assert.Equal(3, Value(text, "caravan_desk_batch_orders_count"));
        Assert.Equal(1, Value(text, "http_server_request_duration_seconds_count{http_request_method=\"POST\",http_response_status_code=\"409\",http_route=\"/v1/orders/\"}"));
        Assert.True(Value(text, "caravan_store_commit_duration_seconds_count") > 0);
        Assert.True(Value(text, "caravan_cache_hits_total{cache=\"keys\"}") > 0);
        Assert.True(Value(text, "caravan_cache_weight_max{cache=\"shelves\"}") > 0);
        Assert.True(Value(text, "dotnet_process_memory_working_set_bytes") > 1_000_000);
        Assert.Contains("caravan_outbox_lag_seconds{subscriber=\"fulfilment.orders\"}", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_gc_collections_total{gc_heap_generation=\"gen0\"}", text, StringComparison.Ordinal);
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(Line(), line));
        Assert.All((string[])["chain", "tea", "N-1", "ptn_", world.Chain.Id.Value.ToString()], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_key_there_is_no_such_page()
    {
        await using var caravan = await TestCaravan.StartAsync();

        Assert.Equal(404, (await caravan.Anonymous.FetchAsync("/metrics")).Status);
    }

    private static double Value(string text, string series) =>
        text.Split('\n').FirstOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal)) is { } line
            ? double.Parse(line.AsSpan(series.Length + 1), CultureInfo.InvariantCulture)
            : throw new Xunit.Sdk.XunitException($"There is no {series} in\n{text}");

    [GeneratedRegex("""^(# HELP [a-zA-Z_:][a-zA-Z0-9_:]* .*|# TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (counter|gauge|histogram)|[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\[\\"n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\[\\"n])*")*\})? (-?[0-9.]+(E[+-]?[0-9]+)?|\+Inf|-Inf|NaN))$""")]
    private static partial Regex Line();
}

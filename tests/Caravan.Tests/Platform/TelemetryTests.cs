using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Caravan.Platform;
using Caravan.Platform.Telemetry;
using Caravan.Tests.Orders;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Caravan.Tests.Platform;

public sealed class TelemetryTests
{
    [Fact]
    public async Task A_slow_statement_is_named_with_its_sql_and_origin_but_without_its_values()
    {
        await using var caravan = await TestCaravan.StartAsync();
        using var log = new Listening();
        using var slow = new SlowStatements(new Settings { SlowQueryMs = 20 }, log.CreateLogger<SlowStatements>());

        await caravan.Store.ReadAsync(db => db.ValueAsync<long>("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @many) SELECT COUNT(*) FROM n", new { many = 1_234_567 }), TestCaravan.Cancel);

        var line = Assert.Single(log.Lines, line => line.Contains("RECURSIVE", StringComparison.Ordinal));
        Assert.Contains("@many", line, StringComparison.Ordinal);
        Assert.Contains($"{nameof(TelemetryTests)}.{nameof(A_slow_statement_is_named_with_its_sql_and_origin_but_without_its_values)}", line, StringComparison.Ordinal);
        Assert.DoesNotContain("1234567", line, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Store", "once")]
    public async Task A_log_for_programs_is_one_object_a_line_with_trace_and_tenant()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-log-").FullName;
        var key = await CaravanProgram.AddPartnerAsync("logged", "--data", folder);
        using var program = await CaravanProgram.ServeAsync(["--data", folder, "--log", "json", "--slow-query-ms", "1"]);
        using var http = program.Client(key);
        var tenant = (await http.FetchAsync("/v1/me")).Body.GetProperty("id").GetString()!; // A company has one.
        await CaravanProgram.FillAsync(http, 5);
        await http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("L-1", "nextDay"), key: "L-1");
        await program.StopAsync();

        var lines = program.Said.Where(line => line.StartsWith('{')).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        var slow = lines.Where(line => line.GetProperty("Category").GetString()!.EndsWith(nameof(SlowStatements), StringComparison.Ordinal)).ToList(); // Every line has one.

        // The first statements of a new process take more than a millisecond.
        Assert.Contains(slow, line => line.GetProperty("Scopes").EnumerateArray().Any(scope => scope.TryGetProperty("Tenant", out var of) && of.GetString() == tenant)
            && line.GetProperty("Scopes").EnumerateArray().Any(scope => scope.TryGetProperty("TraceId", out var trace) && trace.GetString()!.Length == 32));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    [Trait("Store", "once")]
    public async Task A_collector_is_sent_figures_traces_and_logs()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-otlp-").FullName;
        var taken = new ConcurrentDictionary<string, StringBuilder>();
        await using var collector = await CollectAsync(taken);
        var address = collector.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(); // Kestrel has them.
        var key = await CaravanProgram.AddPartnerAsync("traced", "--data", folder);
        using var program = await CaravanProgram.ServeAsync(["--data", folder, "--slow-query-ms", "1"], ("OTEL_EXPORTER_OTLP_ENDPOINT", address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
        using var http = program.Client(key);
        await CaravanProgram.FillAsync(http, 5);
        var tenant = (await http.FetchAsync("/v1/me")).Body.GetProperty("id").GetString()!; // A company has one.
        var placed = await http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("T-1", "nextDay"), key: "T-1");

        // The pick list is opened by an event.
        for (var attempt = 0; attempt < 200 && (await http.FetchAsync($"/v1/orders/{placed.Body.GetProperty("id")}")).Body.GetProperty("status").GetString() == "reserved"; attempt++)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestCaravan.Cancel);

        var exit = await program.StopAsync(); // Sends what is left.

        Assert.Equal((201, 0), (placed.Status, exit));
        Assert.All((string[])["caravan.desk.decided", "http.server.request.duration", "dotnet.gc.collections"], name => Assert.Contains(name, taken["/v1/metrics"].ToString(), StringComparison.Ordinal));
        Assert.All((string[])["desk.batch", "POST /v1/orders", "http.response.status_code", "caravan.tenant", tenant, "outbox fulfilment.orders"], name => Assert.Contains(name, taken["/v1/traces"].ToString(), StringComparison.Ordinal));
        Assert.Contains("A statement took", taken["/v1/logs"].ToString(), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    // Protobuf keeps text as it is, so that what was sent can be looked through as text.
    private static async Task<WebApplication> CollectAsync(ConcurrentDictionary<string, StringBuilder> taken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var collector = builder.Build();
        collector.MapPost("/v1/{signal}", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var text = taken.GetOrAdd(context.Request.Path, _ => new StringBuilder());
            lock (text)
                text.Append(Encoding.Latin1.GetString(body.ToArray()));
        });
        await collector.StartAsync(TestCaravan.Cancel);
        return collector;
    }

    private sealed class Listening : ILoggerProvider, ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}

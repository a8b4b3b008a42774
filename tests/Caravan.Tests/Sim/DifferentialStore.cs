using Caravan.Platform;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Tests.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Sim;

/// <summary>One real store and the rooms on it, for several sellers who command them side by side.</summary>
internal sealed class DifferentialStore : IAsyncDisposable
{
    private readonly WebApplication app;

    private DifferentialStore(WebApplication app, TestClock clock, int sellers)
    {
        this.app = app;
        Sellers = [.. Enumerable.Range(0, sellers).Select(number => new Differential(app, clock, number))];
    }

    public IReadOnlyList<Differential> Sellers { get; }

    public static async Task<DifferentialStore> StartAsync(string folder, string store, int sellers)
    {
        var clock = new TestClock();
        var settings = new Settings { DataFolder = folder, Store = store, Urls = "http://127.0.0.1:0", IsDemo = false, IsSimulated = false };
        var started = new DifferentialStore(CaravanServer.Build(settings, clock), clock, sellers);
        foreach (var seller in started.Sellers)
            await seller.FoundAsync();
        return started;
    }

    public Task<IReadOnlyList<string>> AuditAsync() => app.Services.GetRequiredService<Store>().ReadAsync(app.Services.GetRequiredService<StockBook>().AuditAsync, TestCaravan.Cancel);

    public ValueTask DisposeAsync() => app.DisposeAsync();
}

using System.Globalization;
using System.Text.Json;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Stock.Lots;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Stock.Lots;

/// <summary>What tests of lots say again and again; days count from today, on the stores' clock.</summary>
internal static class LotWorld
{
    public static DateOnly Day(this StockWorld world, int days) => DateOnly.FromDateTime(world.Now.ToOffset(TimeSpan.FromHours(8)).Date).AddDays(days);

    public static object Lot(this StockWorld world, string code, int quantity, int? days = null) => new { code, quantity, expiresOn = days is { } d ? world.Day(d).ToString("O", CultureInfo.InvariantCulture) : null };

    public static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> ReceiveLotsAsync(this StockWorld world, string sku, string place, string cause, int quantity, params object[] lots) =>
        world.Http.SubmitAsync("/v1/stock/receipts", new { location = world.Places[place].ToString(), cause, lines = new[] { new { sku, quantity, lots } } });

    public static async Task<Dictionary<string, StockLot>> LotsAsync(this StockWorld world, string sku, string place) =>
        (await world.Caravan.Store.ReadAsync(db => LotStore.ListAsync(db, world.Owner, world.Items[sku], world.Places[place], null, null, ("", default), 200), TestCaravan.Cancel)).ToDictionary(lot => lot.Code);

    public static LotClaim Claim(this StockWorld world, FulfilmentId fulfilment, string? lot = null, int dueHours = 1) =>
        new(world.Owner, new OrderId(fulfilment.Value), fulfilment, world.Now.AddHours(dueHours), lot);

    public static FulfilmentId NewFulfilment(this StockWorld world) => FulfilmentId.New(world.Now);

    /// <summary>Picks, and takes it back when it is refused.</summary>
    public static Task<LotRefusal?> PickAsync(this StockWorld world, StockTake take, LotClaim claim, string? cause = null) => world.Caravan.Store.WriteAsync(async tx =>
    {
        var refusal = await world.Book.PickAsync(tx, [take], cause ?? $"pick {Guid.NewGuid()}", claim);
        if (refusal is not null)
            tx.Undo();
        return refusal;
    }, TestCaravan.Cancel);

    public static async Task<JsonElement> ActAsync(this StockWorld world, StockLot lot, string act, object? body = null)
    {
        var answer = await world.Http.SubmitAsync($"/v1/lots/{lot.Id}:{act}", body ?? new { });
        Assert.True(answer.Status == 200, answer.Body.ToString());
        return answer.Body;
    }

    public static Task<int> ExpireAsync(this StockWorld world, bool isRecheck = false) => world.Caravan.Services.GetRequiredService<LotExpiry>().RunOnceAsync(isRecheck, TestCaravan.Cancel);

    public static Task PutItemAsync(this StockWorld world, string sku, bool isLotControlled = false, bool isLotOrderStrict = false, int minimumShelfLifeDays = 0) =>
        world.Http.ReplaceAsync("/v1/items", new { items = new[] { new { sku, gtin = StockWorld.GtinOf(int.Parse(sku[1..], CultureInfo.InvariantCulture)), name = sku, weightGrams = 500, price = new { amount = 100, currency = "CNY" }, isLotControlled, isLotOrderStrict, minimumShelfLifeDays } } });

    public static Task<long> CountAsync(this StockWorld world, string sql) => world.Caravan.Store.ReadAsync(db => db.ValueAsync<long>(sql), TestCaravan.Cancel);

    public static async Task<int> SellableAsync(this StockWorld world, string sku, string place) => (await world.CellAsync(sku, place))?.Sellable ?? 0;

    public static Task RunSqlAsync(this StockWorld world, string sql) => world.WriteAsync(tx => tx.ExecuteAsync(sql, new { owner = world.Owner }));
}

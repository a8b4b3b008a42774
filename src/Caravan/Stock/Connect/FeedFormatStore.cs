using System.Text.Json;
using Caravan.Platform.Storage;

namespace Caravan.Stock.Connect;

/// <summary>How feeds' files are written, in SQL.</summary>
internal static class FeedFormatStore
{
    /// <summary>What was said when the feed was connected; null where nothing was.</summary>
    public static async Task<FeedFormat?> FindAsync(Db db, PartnerId owner, FeedId feed) =>
        await db.FirstAsync<string>("SELECT body FROM feed_formats WHERE tenant = @owner AND feed = @feed", new { owner, feed }) is { } body
            ? JsonSerializer.Deserialize(body, FeedJson.Default.FeedFormat)
            : null;

    public static Task PutAsync(Tx tx, PartnerId owner, FeedId feed, FeedFormat format) => tx.ExecuteAsync(
        "INSERT INTO feed_formats (tenant, feed, body) VALUES (@owner, @feed, @body) ON CONFLICT (tenant, feed) DO UPDATE SET body = excluded.body",
        new { owner, feed, body = JsonSerializer.Serialize(format, FeedJson.Default.FeedFormat) });
}

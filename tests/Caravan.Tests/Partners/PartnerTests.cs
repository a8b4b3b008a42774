using System.Text.Json;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Partners;

public sealed class PartnerTests
{
    [Fact]
    public async Task A_key_says_whose_it_is_and_no_key_is_turned_away()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (id, http, _) = await caravan.AddPartnerAsync("alpha");

        var me = await http.FetchAsync("/v1/me");
        var stranger = await caravan.Anonymous.FetchAsync("/v1/me");

        Assert.Equal(200, me.Status);
        Assert.Equal(id.ToString(), me.Body.GetProperty("id").GetString());
        Assert.Equal(401, stranger.Status);
        Assert.Equal("urn:caravan:problem:unauthenticated", stranger.Body.GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_grant_is_seen_by_both_and_revoked_by_the_grantor_alone()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, alpha, _) = await caravan.AddPartnerAsync("alpha");
        var (beta, betaHttp, _) = await caravan.AddPartnerAsync("beta");

        var granted = await alpha.SubmitAsync("/v1/agreements", new { grantee = beta.ToString(), kind = "sellStock" });
        var seen = await betaHttp.FetchAsync("/v1/agreements");
        var path = granted.Response.Headers.Location!.ToString();
        var foreign = await betaHttp.SendAsync(HttpMethod.Delete, path);
        var own = await alpha.SendAsync(HttpMethod.Delete, path);

        Assert.Equal(201, granted.Status);
        Assert.Equal(1, seen.Body.GetProperty("items").GetArrayLength());
        Assert.Equal(404, foreign.Status);
        Assert.Equal(204, own.Status);
    }

    [Theory]
    [InlineData("""{"grantee":"ptn_x","kind":"sellStock"}""", "#/grantee")]
    [InlineData("""{"grantee":"PTN","kind":"steal"}""", "#/kind")]
    [InlineData("""{"grantee":"PTN"}""", "#/kind")]
    [InlineData("""{"grantee":"PTN","kind":"ship","sharePercent":0}""", "#/sharePercent")]
    [InlineData("""{"grantee":"PTN","kind":"ship","sharePercent":1e400}""", "#/sharePercent")]
    [InlineData("""{"grantee":"PTN","kind":"ship","sharePrecent":5}""", "#/sharePrecent")]
    [InlineData("""{"grantee":"PTN","kind":"ship","kind":"ship"}""", "#/kind")]
    [InlineData("""{"grantee":"PTN","kind":"ship","gtins":["12"]}""", "#/gtins/0")]
    [InlineData("""{"grantee":"PTN","kind":"ship","gtins":null,"to":"yesterday"}""", "#/to")]
    [InlineData("""{"grantee":"PTN",""", "#")]
    public async Task A_faulty_grant_is_refused_by_the_name_of_its_field(string body, string pointer)
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, alpha, _) = await caravan.AddPartnerAsync("alpha");
        var (beta, _, _) = await caravan.AddPartnerAsync("beta");

        var answer = await alpha.SubmitAsync("/v1/agreements", body.Replace("PTN", beta.ToString(), StringComparison.Ordinal));

        Assert.Equal(400, answer.Status);
        Assert.Contains(pointer, answer.Body.Faults());
    }

    [Fact]
    public async Task A_repeated_write_with_its_key_is_done_once_and_answered_the_same()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, alpha, _) = await caravan.AddPartnerAsync("alpha");
        var (beta, _, _) = await caravan.AddPartnerAsync("beta");
        var body = new { grantee = beta.ToString(), kind = "ship" };

        var first = await alpha.SubmitAsync("/v1/agreements", body, key: "k1");
        var again = await alpha.SubmitAsync("/v1/agreements", body, key: "k1");
        var other = await alpha.SubmitAsync("/v1/agreements", new { grantee = beta.ToString(), kind = "handOver" }, key: "k1");
        var list = await alpha.FetchAsync("/v1/agreements");

        Assert.Equal(201, first.Status);
        Assert.Equal(201, again.Status);
        Assert.True(JsonElement.DeepEquals(first.Body, again.Body));
        Assert.Equal("true", again.Response.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(422, other.Status);
        Assert.Equal(1, list.Body.GetProperty("items").GetArrayLength());
    }
}

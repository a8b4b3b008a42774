using AngleSharp;
using Caravan.Partners;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Operations;

public sealed class StartTests
{
    [Theory]
    [InlineData("/caravan.css", "text/css")]
    [InlineData("/caravan.svg", "image/svg+xml")]
    [InlineData("/built/live.js", "text/javascript")]
    public async Task What_pages_are_drawn_with_is_open_to_all(string path, string type)
    {
        if (path.StartsWith("/built/", StringComparison.Ordinal) && !File.Exists(Path.Combine(Repository.Root, "src", "Caravan", "wwwroot", path[1..])))
            Repository.SkipOrFail("The pages' scripts are not bundled: install npm (Node.js 20+) and build again.");
        await using var caravan = await TestCaravan.StartAsync();

        var answer = await caravan.Anonymous.FetchAsync(path);

        Assert.Equal(200, answer.Status);
        Assert.Equal(type, answer.Response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/sign-in")]
    [InlineData("/design")]
    [InlineData("/caravan.css")]
    [InlineData("/v1/me")]
    [InlineData("/nowhere")]
    public async Task Every_answer_tells_the_browser_to_load_from_here_only(string path)
    {
        await using var caravan = await TestCaravan.StartAsync();

        var (_, _, response) = await caravan.Anonymous.FetchAsync(path);

        Assert.Contains("default-src 'none'; script-src 'self';", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(response.Headers.Contains("Referrer-Policy"));
        Assert.True(response.Headers.Contains("Permissions-Policy"));
    }

    [Fact]
    public async Task What_is_not_there_is_a_page_to_people_and_a_problem_to_programs()
    {
        await using var caravan = await TestCaravan.StartAsync();
        using var visitor = new PageVisitor(caravan);

        await visitor.OpenAsync("/nowhere");
        var program = await caravan.Anonymous.FetchAsync("/nowhere");

        Assert.Equal(404, visitor.Status);
        Assert.Contains("There is nothing here", visitor.Text, StringComparison.Ordinal);
        Assert.Equal(404, program.Status);
        Assert.Equal("application/problem+json", program.Response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_key_opens_operations_and_signing_out_closes_them()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, _, key) = await caravan.AddPartnerAsync("alpha");
        using var visitor = new PageVisitor(caravan);

        await visitor.OpenAsync("/operations");
        Assert.StartsWith("/sign-in?return=%2Foperations", visitor.Path, StringComparison.Ordinal);
        await visitor.SubmitAsync("/sign-in", ("key", "crv_nobody1234_xxxxxxxxxxxxxxxxxxxx"));
        Assert.Contains("Nobody has this key", visitor.Text, StringComparison.Ordinal);
        await visitor.SubmitAsync("/sign-in", ("key", key));
        Assert.Equal("/operations", visitor.Path);
        Assert.Equal(200, visitor.Status);
        Assert.Contains("alpha", visitor.Text, StringComparison.Ordinal);
        await visitor.SubmitAsync("/sign-out");
        await visitor.OpenAsync("/operations");
        Assert.StartsWith("/sign-in", visitor.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anybody_may_be_a_demo_company_where_the_demo_is_on_and_nobody_else()
    {
        await using var caravan = await TestCaravan.StartAsync(settings => settings with { IsDemo = true });
        var partners = caravan.Services.GetRequiredService<PartnerBook>();
        var demo = await caravan.Store.WriteAsync(tx => partners.AddAsync(tx, "demo-company", "Demo company", isDemo: true), TestCaravan.Cancel);
        var (real, _, _) = await caravan.AddPartnerAsync("real");
        using var visitor = new PageVisitor(caravan);

        await visitor.OpenAsync("/sign-in");
        Assert.DoesNotContain(real.ToString(), visitor.Page.ToHtml(), StringComparison.Ordinal);
        await visitor.SubmitAsync("/demo/sign-in", ("partner", real.ToString()));
        Assert.Equal(404, visitor.Status);
        await visitor.OpenAsync("/sign-in");
        await visitor.SubmitAsync("/demo/sign-in", ("partner", demo.Id.ToString()));

        Assert.Equal(200, visitor.Status);
        Assert.Contains("Demo company", visitor.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_a_demo_company_where_the_demo_is_off()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var partners = caravan.Services.GetRequiredService<PartnerBook>();
        var demo = await caravan.Store.WriteAsync(tx => partners.AddAsync(tx, "demo-company", "Demo company", isDemo: true), TestCaravan.Cancel);
        using var visitor = new PageVisitor(caravan);

        await visitor.OpenAsync("/sign-in");

        Assert.DoesNotContain(demo.Id.ToString(), visitor.Page.ToHtml(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    public async Task Signing_in_never_leads_to_another_site(string elsewhere)
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, _, key) = await caravan.AddPartnerAsync("alpha");
        using var visitor = new PageVisitor(caravan);

        await visitor.OpenAsync($"/sign-in?return={Uri.EscapeDataString(elsewhere)}");
        await visitor.SubmitAsync("/sign-in", ("key", key), ("return", elsewhere));

        Assert.Equal("/", visitor.Path);
    }
}

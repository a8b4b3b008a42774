using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Caravan.Demo;

namespace Caravan.Tests.Demo;

[Trait("Store", "once")]
public sealed class DemoNetworkTests
{
    private static readonly DemoNetwork Network = DemoNetwork.Generate(seed: 42);
    private static readonly Dictionary<string, DemoLocation> ByCode = Network.Locations.ToDictionary(location => location.Code);

    [Fact]
    public void The_generator_is_SplitMix64_as_published()
    {
        var random = new DemoRandom(1_234_567);

        ulong[] drawn = [.. Enumerable.Range(0, 5).Select(_ => random.Next())];

        // Vigna's splitmix64.c with the state 1234567.
        Assert.Equal(
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431, 16_408_922_859_458_223_821],
            drawn);
    }

    [Fact]
    public void The_same_seed_gives_the_same_network_and_another_seed_another()
    {
        Assert.Equal(Digest(Network), Digest(DemoNetwork.Generate(seed: 42)));
        Assert.NotEqual(Digest(Network), Digest(DemoNetwork.Generate(seed: 43)));
    }

    [Fact]
    public void Seed_42_gives_the_same_network_in_every_process_and_on_every_machine() =>
        Assert.Equal("883689ff1ba695f65b3b80f49cdf3007a08155491dcf4f093eea2cf1344ed0f9", Digest(Network));

    [Fact]
    public void The_network_has_the_counts_of_the_pilot()
    {
        Assert.Equal(["CN-BJ", "CN-SH", "CN-GD-GZ", "CN-GD-SZ", "CN-SC-CD", "CN-HB-WH"], Network.Regions.Select(region => region.Code));
        Assert.All(Network.Regions, region => Assert.InRange(region.Districts.Length, 6, 12));
        Assert.Equal(["silkroad", "lantern", "swift"], Network.Companies.Select(company => company.Slug));
        Assert.Equal(7, Network.Agreements.Length);

        // 12 warehouses, 288 stores, 6 × 2 hosted shops, 6 × 2 stations.
        Assert.Equal(12, Network.Locations.Count(location => location.Kind == DemoLocationKind.Warehouse));
        Assert.Equal(288, Network.Locations.Count(location => location.Kind == DemoLocationKind.Store && location.HostCode is null));
        Assert.Equal(12, Network.Locations.Count(location => location.Kind == DemoLocationKind.Store && location.HostCode is not null));
        Assert.Equal(12, Network.Locations.Count(location => location.Kind == DemoLocationKind.Station));
        Assert.Equal(324, Network.Locations.Length);

        // About 12 × 1,600 + 288 × 200 + 12 × 60 = 77,520 stock rows.
        Assert.Equal(2_000, Network.Items.Length);
        Assert.InRange(Network.Stock.Length, 75_000, 82_000);
        Assert.InRange(Network.Couriers.Length, 180, 220);
        Assert.InRange(Network.Couriers.Count(courier => courier.Vehicle == DemoVehicle.Van), 36, 48);
    }

    [Fact]
    public void Codes_and_names_of_items_and_codes_of_places_and_couriers_are_unique()
    {
        Assert.Distinct(Network.Regions.Select(region => region.Code));
        Assert.Distinct(Network.Locations.Select(location => location.Code));
        Assert.Distinct(Network.Couriers.Select(courier => courier.Code));
        Assert.Distinct(Network.Items.Select(item => item.Name));
        Assert.Distinct(Network.Items.Select(item => item.SilkRoadSku).OfType<string>());
        Assert.Distinct(Network.Items.Select(item => item.LanternSku).OfType<string>());
    }

    [Fact]
    public void Every_GTIN_is_valid_unique_and_of_restricted_circulation()
    {
        Assert.Distinct(Network.Items.Select(item => item.Gtin));
        Assert.All(Network.Items, item =>
        {
            Assert.Matches("^029[0-9]{11}$", item.Gtin);

            // With its check digit the weighted sum is a multiple of ten; in GTIN-14 the first digit weighs 3.
            Assert.Equal(0, item.Gtin.Select((digit, index) => (digit - '0') * (index % 2 == 0 ? 3 : 1)).Sum() % 10);
        });
    }

    [Fact]
    public void An_article_keeps_its_GTIN_and_SKUs_whatever_the_seed()
    {
        var others = DemoNetwork.Generate(seed: 7).Items.ToDictionary(item => item.Name);

        var inBoth = Network.Items.Where(item => others.ContainsKey(item.Name)).ToList();

        Assert.True(inBoth.Count > 1_000);
        Assert.All(inBoth, item =>
        {
            var other = others[item.Name];
            Assert.Equal(item.Gtin, other.Gtin);
            Assert.True(item.SilkRoadSku is null || other.SilkRoadSku is null || item.SilkRoadSku == other.SilkRoadSku);
            Assert.True(item.LanternSku is null || other.LanternSku is null || item.LanternSku == other.LanternSku);
        });
    }

    [Fact]
    public void Three_quarters_of_the_items_are_listed_by_both_sellers_under_different_SKUs()
    {
        Assert.Equal(1_500, Network.Items.Count(item => item.SilkRoadSku is not null && item.LanternSku is not null));
        Assert.Equal(250, Network.Items.Count(item => item.LanternSku is null));
        Assert.Equal(250, Network.Items.Count(item => item.SilkRoadSku is null));
        Assert.DoesNotContain(Network.Items, item => item.SilkRoadSku == item.LanternSku);
    }

    [Fact]
    public void Items_have_one_temperature_class_and_positive_weights_and_prices()
    {
        Assert.All(Network.Items, item =>
        {
            Assert.True(item.Temperature is DemoTemperatures.Ambient or DemoTemperatures.Chilled or DemoTemperatures.Frozen or DemoTemperatures.Medicine);
            Assert.InRange(item.WeightGrams, 1, 20_000);
            Assert.InRange(item.PriceMinor, 1, 500_000);
        });
        Assert.Equal(4, Network.Items.Select(item => item.Temperature).Distinct().Count());
    }

    [Fact]
    public void Every_hosted_location_shares_its_hosts_point_and_hours_and_keeps_no_class_the_host_does_not()
    {
        var hosted = Network.Locations.Where(location => location.HostCode is not null).ToList();

        Assert.Equal(24, hosted.Count);
        Assert.All(hosted, location =>
        {
            // Filtered above.
            var host = ByCode[location.HostCode!];
            Assert.Equal(DemoParty.Lantern, host.Operator);
            Assert.Equal(DemoParty.SilkRoad, location.Operator);
            Assert.Null(host.HostCode);
            Assert.Equal(host.RegionCode, location.RegionCode);
            Assert.Equal(host.Point, location.Point);
            Assert.Equal(host.Week, location.Week);
            Assert.Equal(location.Temperatures, location.Temperatures & host.Temperatures);
        });
        Assert.All(hosted.GroupBy(location => location.HostCode), inOneHost =>
            Assert.Equal([DemoLocationKind.Store, DemoLocationKind.Station], inOneHost.Select(location => location.Kind)));
    }

    [Fact]
    public void Stores_stand_within_three_kilometres_of_their_district_and_everything_within_sixty_of_the_city()
    {
        var regions = Network.Regions.ToDictionary(region => region.Code);

        Assert.All(Network.Locations, location => Assert.InRange(Metres(regions[location.RegionCode].Centre, location.Point), 0, 60_000));
        Assert.All(Network.Couriers, courier => Assert.InRange(Metres(regions[courier.RegionCode].Centre, courier.Home), 0, 60_000));
        Assert.All(Network.Locations.Where(location => location.Kind != DemoLocationKind.Warehouse), location =>
        {
            var district = regions[location.RegionCode].Districts.Single(district => district.Name == location.DistrictName);
            Assert.InRange(Metres(district.Centre, location.Point), 0, 3_000);
        });
        foreach (var region in Network.Regions)
        {
            Assert.All(region.Districts, district => Assert.Contains(Network.Locations, location =>
                location.RegionCode == region.Code && location.DistrictName == district.Name && location.Kind == DemoLocationKind.Store));
        }
    }

    [Fact]
    public void The_stated_length_of_a_degree_of_longitude_fits_the_latitude_of_the_city() =>
        Assert.All(DemoCities.All, city =>
            Assert.Equal(
                DemoCities.MetresPerLatitude * Math.Cos(city.Region.Centre.Latitude * Math.PI / 180),
                city.MetresPerLongitude,
                tolerance: 50.0));

    [Fact]
    public void Every_place_says_when_it_is_open_and_what_it_delivers()
    {
        DayOfWeek[] mondayFirst =
        [
            DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday, DayOfWeek.Saturday, DayOfWeek.Sunday,
        ];
        Assert.All(Network.Locations, location =>
        {
            Assert.Equal(mondayFirst, location.Week.Select(opening => opening.Day));
            Assert.All(location.Week, opening => Assert.True(
                0 <= opening.OpensMinute && opening.OpensMinute < opening.ClosesMinute && opening.ClosesMinute <= 1_440));
            Assert.True(location.ThroughputPerHour > 0 && location.HandlingMinutes > 0);
            Assert.True(location.Temperatures.HasFlag(DemoTemperatures.Ambient));
            Assert.Equal("Asia/Shanghai", location.TimeZone);
            DemoService[] expected = location.Kind switch
            {
                DemoLocationKind.Warehouse => [DemoService.SameDay, DemoService.NextDay],
                DemoLocationKind.Store => [DemoService.WithinTheHour],
                _ => [],
            };
            Assert.Equal(expected, location.Services.Select(area => area.Service));
        });
    }

    [Fact]
    public void Stock_lies_only_where_its_temperature_is_kept_and_its_owner_lists_it()
    {
        Assert.All(Network.Stock, row =>
        {
            var (location, item) = (Network.Locations[row.LocationIndex], Network.Items[row.ItemIndex]);
            Assert.NotEqual(DemoTemperatures.None, location.Temperatures & item.Temperature);
            Assert.NotNull(item.SkuOf(location.Operator));
            Assert.InRange(row.Quantity, 1, 2_000);
        });
        Assert.Equal(8, Marshal.SizeOf<DemoStockRow>());
    }

    [Fact]
    public void Stock_is_sorted_and_every_place_but_a_station_has_its_usual_number_of_items()
    {
        var rows = Network.Stock;
        for (var index = 1; index < rows.Length; index++)
        {
            var (before, row) = (rows[index - 1], rows[index]);
            Assert.True((before.LocationIndex, before.ItemIndex).CompareTo((row.LocationIndex, row.ItemIndex)) < 0);
        }

        var counts = rows.CountBy(row => (int)row.LocationIndex).ToDictionary();
        for (var index = 0; index < Network.Locations.Length; index++)
        {
            var location = Network.Locations[index];
            var (from, to) = (location.Kind, location.HostCode) switch
            {
                (DemoLocationKind.Warehouse, _) => (1_500, 1_650),
                (DemoLocationKind.Store, null) => (180, 220),
                (DemoLocationKind.Store, _) => (50, 70),
                _ => (0, 0),
            };
            Assert.InRange(counts.GetValueOrDefault(index), from, to);
        }
    }

    [Fact]
    public void Best_sellers_lie_in_more_stores_than_slow_items()
    {
        var isStore = Network.Locations.Select(location => location.Operator == DemoParty.Lantern).ToArray();
        var storesOf = Network.Stock.Where(row => isStore[row.LocationIndex]).CountBy(row => (int)row.ItemIndex).ToDictionary();

        double MeanStores(int fromItem, int toItem) => Enumerable.Range(fromItem, toItem - fromItem)
            .Where(item => Network.Items[item].LanternSku is not null)
            .Average(item => storesOf.GetValueOrDefault(item));

        Assert.True(MeanStores(0, 100) > 2 * MeanStores(200, 400));
        Assert.True(MeanStores(200, 400) > 2 * MeanStores(1_200, 2_000));
    }

    [Fact]
    public void Every_city_can_deliver_each_temperature_class_within_the_hour() =>
        Assert.All(Network.Regions, region =>
        {
            foreach (var temperature in Enum.GetValues<DemoTemperatures>().Where(temperature => temperature != DemoTemperatures.None))
            {
                Assert.Contains(Network.Couriers, courier =>
                    courier.Carrier == DemoParty.Swift && courier.RegionCode == region.Code && courier.Temperatures.HasFlag(temperature));
                Assert.Contains(Network.Stock, row =>
                    Network.Locations[row.LocationIndex] is { Operator: DemoParty.Lantern } store && store.RegionCode == region.Code
                    && Network.Items[row.ItemIndex].Temperature == temperature);
            }
        });

    [Fact]
    public void Couriers_start_at_home_with_a_code_of_their_company_and_region()
    {
        Assert.All(Network.Couriers, courier =>
        {
            var company = Network.Companies[(int)courier.Carrier];
            var region = Network.Regions.Single(region => region.Code == courier.RegionCode);
            Assert.Matches($"^{company.CodePrefix}-{region.ShortCode}-[0-9]{{3}}$", courier.Code);
            Assert.True(courier.CapacityGrams > 0);
            Assert.InRange(courier.Shift.LengthMinutes, 60, 720);
            if (courier.HomeLocationCode is { } home)
            {
                Assert.Equal(ByCode[home].Point, courier.Home);
                Assert.Equal(courier.Carrier, ByCode[home].Operator);
            }
            else
            {
                Assert.Equal(DemoParty.Swift, courier.Carrier);
            }
        });
    }

    [Fact]
    public void Agreements_name_only_places_of_the_right_company()
    {
        foreach (var agreement in Network.Agreements)
        {
            Assert.NotEqual(agreement.Grantor, agreement.Grantee);
            Assert.Equal(agreement.Kind == DemoAgreementKind.SellFromStock, agreement.StockSharePercent is not null);
            Assert.Equal(agreement.Kind == DemoAgreementKind.SellFromStock, agreement.TransferPricePercent is not null);
            Assert.Equal(agreement.Kind == DemoAgreementKind.Carry, agreement.Services.Length > 0);
            Assert.Equal(agreement.Kind == DemoAgreementKind.Carry, agreement.LocationCodes.Length == 0);

            // Stock is sold at the grantor's own places; hosting and handing over happen at the grantee's places in the grantor's.
            var operatorOfPlaces = agreement.Kind == DemoAgreementKind.SellFromStock ? agreement.Grantor : agreement.Grantee;
            Assert.All(agreement.LocationCodes, code => Assert.Equal(operatorOfPlaces, ByCode[code].Operator));
        }
    }

    [Fact]
    public void Sampled_addresses_lie_near_their_district_and_say_that_they_are_invented()
    {
        var random = new DemoRandom(1);
        var regions = Network.Regions.ToDictionary(region => region.Code);
        for (var draw = 0; draw < 2_000; draw++)
        {
            var point = draw % 2 == 0 ? DemoNetwork.Sample(random) : DemoNetwork.Sample(random, regionCode: "CN-HB-WH");

            var region = regions[point.RegionCode];
            var district = region.Districts.Single(district => district.Name == point.DistrictName);
            Assert.InRange(Metres(district.Centre, point.Point), 0, 3_000);
            Assert.Matches($"^{district.Name} District, {region.Name} \\(demo address [0-9]{{4}}\\)$", point.AddressText);
            Assert.True(draw % 2 == 0 || region.Name == "Wuhan");
        }

        Assert.Throws<ArgumentException>(() => DemoNetwork.Sample(random, regionCode: "CN-XX"));
        Assert.Equal(DemoNetwork.Sample(new DemoRandom(9)), DemoNetwork.Sample(new DemoRandom(9)));
    }

    [Fact]
    public void Generating_a_network_allocates_less_than_two_megabytes()
    {
        // Measured 1.5 MB: stock 0.6, items and their strings 0.6, the rest lists on the way.
        // The vocabulary and the cities are loaded once and stay; the class's own network has loaded them by now.
        Assert.NotEmpty(Network.Items);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var network = DemoNetwork.Generate(seed: 3);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 2 << 20);
        GC.KeepAlive(network);
    }

    /// <summary>Haversine on a sphere of 6,371 km.</summary>
    private static double Metres(DemoPoint from, DemoPoint to)
    {
        const double Radians = Math.PI / 180;
        var (sinLatitude, sinLongitude) = (
            Math.Sin((to.Latitude - from.Latitude) * Radians / 2), Math.Sin((to.Longitude - from.Longitude) * Radians / 2));
        var chord = (sinLatitude * sinLatitude)
            + (Math.Cos(from.Latitude * Radians) * Math.Cos(to.Latitude * Radians) * sinLongitude * sinLongitude);
        return 2 * 6_371_000 * Math.Asin(Math.Sqrt(chord));
    }

    /// <summary>SHA-256 of all of it as JSON, stock as its bytes.</summary>
    private static string Digest(DemoNetwork network)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(network.Regions));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(network.Companies));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(network.Agreements));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(network.Locations));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(network.Items));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(network.Couriers));
        hash.AppendData(MemoryMarshal.AsBytes(network.Stock.AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

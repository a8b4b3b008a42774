using System.Collections.Immutable;

namespace Caravan.Demo;

/// <summary>
/// The six pilot cities. Coordinates are the approximate centres of real districts (where most people live or the district's
/// government sits) in WGS 84, good to about a kilometre; people are rounded from the census of 2020, in ten thousands. The spread
/// keeps demo points off rivers, the sea and the border at Shenzhen, and is never above 3 km. Outlying districts farther than
/// 55 km from the centre are left out.
/// </summary>
internal static class DemoCities
{
    public const string TimeZone = "Asia/Shanghai";

    /// <summary>A city with what the generator needs to know beside the region. A city has one site per warehouse.</summary>
    /// <param name="Region">The region.</param>
    /// <param name="StoreCount">Stores of the chain: about 48, more in the larger cities.</param>
    /// <param name="MetresPerLongitude">Metres in a degree of longitude at the centre's latitude: a constant, for cosines may differ between machines.</param>
    /// <param name="WarehouseSites">Real logistics areas at the fringe of the city.</param>
    internal sealed record City(
        DemoRegion Region, int StoreCount, int MetresPerLongitude, ImmutableArray<(string Area, DemoPoint Point)> WarehouseSites);

    /// <summary>Metres in a degree of latitude on a sphere of 6,371 km.</summary>
    public const int MetresPerLatitude = 111_195;

    public static ImmutableArray<City> All { get; } =
    [
        new(
            Region("CN-BJ", "BJ", "Beijing", 39.9042, 116.4074,
            [
                District("Dongcheng", 39.9288, 116.4160, 71),
                District("Xicheng", 39.9123, 116.3659, 111),
                District("Chaoyang", 39.9215, 116.4431, 345),
                District("Haidian", 39.9593, 116.2983, 313),
                District("Fengtai", 39.8585, 116.2867, 202),
                District("Shijingshan", 39.9063, 116.2229, 57),
                District("Tongzhou", 39.9099, 116.6564, 184),
                District("Daxing", 39.7267, 116.3415, 199),
                District("Shunyi", 40.1302, 116.6546, 132),
                District("Changping", 40.2208, 116.2312, 227),
            ]),
            StoreCount: 52, MetresPerLongitude: 85_300,
            [("Tianzhu", new(40.0800, 116.5700)), ("Majuqiao", new(39.7550, 116.5500))]),
        new(
            Region("CN-SH", "SH", "Shanghai", 31.2304, 121.4737,
            [
                District("Huangpu", 31.2240, 121.4790, 66, spreadMetres: 1_800),
                District("Xuhui", 31.1883, 121.4366, 111, spreadMetres: 2_200),
                District("Changning", 31.2204, 121.4246, 69),
                District("Jing'an", 31.2287, 121.4474, 98),
                District("Putuo", 31.2495, 121.3956, 124),
                District("Hongkou", 31.2660, 121.4930, 76, spreadMetres: 2_000),
                District("Yangpu", 31.2900, 121.5230, 124, spreadMetres: 2_500),
                District("Pudong", 31.2180, 121.5480, 568, spreadMetres: 2_800),
                District("Minhang", 31.1128, 121.3817, 265),
                District("Baoshan", 31.3900, 121.4700, 224, spreadMetres: 2_500),
                District("Jiading", 31.3747, 121.2653, 183),
                District("Songjiang", 31.0322, 121.2277, 191),
            ]),
            StoreCount: 56, MetresPerLongitude: 95_080,
            [("Nanxiang", new(31.3010, 121.3020)), ("Chedun", new(31.0110, 121.3160))]),
        new(
            Region("CN-GD-GZ", "GZ", "Guangzhou", 23.1291, 113.2644,
            [
                District("Yuexiu", 23.1330, 113.2700, 104, spreadMetres: 2_000),
                District("Liwan", 23.1240, 113.2380, 124, spreadMetres: 1_500),
                District("Haizhu", 23.0880, 113.3060, 182, spreadMetres: 1_800),
                District("Tianhe", 23.1380, 113.3550, 224, spreadMetres: 2_500),
                District("Baiyun", 23.1740, 113.2700, 374),
                District("Huangpu", 23.1814, 113.4807, 126),
                District("Panyu", 22.9377, 113.3841, 266),
                District("Huadu", 23.4042, 113.2203, 164),
                District("Nansha", 22.8017, 113.5250, 85, spreadMetres: 1_500),
            ]),
            StoreCount: 48, MetresPerLongitude: 102_258,
            [("Renhe", new(23.3300, 113.2900)), ("Science City", new(23.1650, 113.4550))]),
        new(
            Region("CN-GD-SZ", "SZ", "Shenzhen", 22.5431, 114.0579,
            [
                District("Luohu", 22.5550, 114.1230, 114, spreadMetres: 1_500),
                District("Futian", 22.5450, 114.0550, 155, spreadMetres: 2_500),
                District("Nanshan", 22.5333, 113.9304, 180, spreadMetres: 1_800),
                District("Bao'an", 22.5750, 113.8880, 448, spreadMetres: 1_800),
                District("Longhua", 22.6680, 114.0240, 253),
                District("Longgang", 22.7205, 114.2470, 398),
                District("Guangming", 22.7600, 113.9300, 110),
                District("Pingshan", 22.6950, 114.3450, 55, spreadMetres: 2_500),
                District("Yantian", 22.5590, 114.2360, 21, spreadMetres: 500),
            ]),
            StoreCount: 46, MetresPerLongitude: 102_700,
            [("Guanlan", new(22.7300, 114.0600)), ("Pinghu", new(22.6900, 114.1300))]),
        new(
            Region("CN-SC-CD", "CD", "Chengdu", 30.6600, 104.0633,
            [
                District("Jinjiang", 30.6420, 104.0900, 90),
                District("Qingyang", 30.6740, 104.0500, 96),
                District("Jinniu", 30.6918, 104.0520, 126),
                District("Wuhou", 30.6420, 104.0430, 186),
                District("Chenghua", 30.6600, 104.1015, 138),
                District("Longquanyi", 30.5565, 104.2746, 134),
                District("Qingbaijiang", 30.8787, 104.2510, 49),
                District("Xindu", 30.8234, 104.1587, 156),
                District("Wenjiang", 30.6823, 103.8560, 97),
                District("Shuangliu", 30.5744, 103.9236, 147),
                District("Pidu", 30.7956, 103.9005, 139),
            ]),
            StoreCount: 48, MetresPerLongitude: 95_651,
            [("Qingbaijiang rail port", new(30.8650, 104.2300)), ("Shuangliu air cargo", new(30.5600, 103.9600))]),
        new(
            Region("CN-HB-WH", "WH", "Wuhan", 30.5928, 114.3055,
            [
                District("Jiang'an", 30.6170, 114.3000, 97, spreadMetres: 2_000),
                District("Jianghan", 30.6015, 114.2708, 65, spreadMetres: 1_800),
                District("Qiaokou", 30.5850, 114.2150, 67, spreadMetres: 1_500),
                District("Hanyang", 30.5490, 114.2185, 84, spreadMetres: 2_200),
                District("Wuchang", 30.5537, 114.3160, 109, spreadMetres: 1_800),
                District("Qingshan", 30.6330, 114.3900, 48, spreadMetres: 1_500),
                District("Hongshan", 30.5003, 114.3437, 173),
                District("Dongxihu", 30.6199, 114.1371, 85),
                District("Caidian", 30.5820, 114.0294, 55),
                District("Jiangxia", 30.3765, 114.3216, 97),
                District("Huangpi", 30.8822, 114.3756, 115),
            ]),
            StoreCount: 38, MetresPerLongitude: 95_718,
            [("Zoumaling", new(30.6600, 114.0300)), ("Zhengdian", new(30.4200, 114.2700))]),
    ];

    /// <summary>A district of the city, as often as people live there.</summary>
    public static DemoDistrict PickDistrict(City city, DemoRandom random)
    {
        var districts = city.Region.Districts;
        var people = 0;
        foreach (var district in districts)
            people += district.PeopleTenThousands;

        var ticket = random.Below(people);
        foreach (var district in districts)
        {
            ticket -= district.PeopleTenThousands;
            if (ticket < 0)
                return district;
        }

        throw new System.Diagnostics.UnreachableException();
    }

    /// <summary>A point evenly drawn from the disc around the district's centre, in whole metres, rounded to five decimals.</summary>
    /// <remarks>Only whole numbers and one division: the same bits on every machine.</remarks>
    public static DemoPoint PickPoint(City city, DemoDistrict district, DemoRandom random)
    {
        var radius = district.SpreadMetres;
        int east, north;
        do
        {
            east = random.Between(-radius, radius);
            north = random.Between(-radius, radius);
        }
        while ((east * east) + (north * north) > radius * radius);

        return new(
            Latitude: Shift(district.Centre.Latitude, north, metresPerDegree: MetresPerLatitude),
            Longitude: Shift(district.Centre.Longitude, east, metresPerDegree: city.MetresPerLongitude));
    }

    private static double Shift(double degrees, long metres, int metresPerDegree) =>
        ((long)Math.Round(degrees * 100_000) + (metres * 100_000 / metresPerDegree)) / 100_000.0;

    private static DemoRegion Region(
        string code, string shortCode, string name, double latitude, double longitude, ImmutableArray<DemoDistrict> districts) =>
        new(code, shortCode, name, TimeZone, new(latitude, longitude), districts);

    private static DemoDistrict District(string name, double latitude, double longitude, int people, int spreadMetres = 2_900) =>
        new(name, new(latitude, longitude), people, spreadMetres);
}

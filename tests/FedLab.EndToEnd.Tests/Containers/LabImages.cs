
namespace FedLab.EndToEnd.Tests.Containers;

/// <summary>The images that all container tests share, built once from the sources through the compose file.</summary>
internal static class LabImages
{
    /// <summary>Tag of both images; building again gives the tag to the new ones.</summary>
    public const string Tag = "fedlab-tests";

    public const string Coordinator = "fedlab/coordinator:" + Tag;

    public const string Participant = "fedlab/participant:" + Tag;

    /// <summary>What programs that look around are run from: it has a shell.</summary>
    public const string SdkImage = "fedlab/sdk:10";

    private const string BaseImage = "fedlab/base:10";

    private const string PostgresImage = "fedlab/postgres:15";

    private static readonly Lazy<Task> Built = new(BuildAsync);

    /// <summary>Skips the test where no engine answers; otherwise both images are there afterwards.</summary>
    public static async Task RequireAsync()
    {
        await DockerProgram.RequireEngineAsync();
        await Built.Value;
    }

    /// <summary>What the compose file takes from the environment.</summary>
    public static Dictionary<string, string> ComposeVariables => new(StringComparer.Ordinal) { ["BASE_IMAGE"] = BaseImage, ["SDK_IMAGE"] = SdkImage, ["FEDLAB_TAG"] = Tag, ["POSTGRES_IMAGE"] = PostgresImage };

    /// <summary>Runs docker-compose with the repository's file.</summary>
    public static Task<string> ComposeAsync(string project, IReadOnlyDictionary<string, string> variables, params string[] arguments) =>
        DockerProgram.RunAsync("docker-compose", ["--project-name", project, "--file", Path.Combine(DockerProgram.Root, "compose", "docker-compose.yml"), .. arguments], variables);

    private static async Task BuildAsync()
    {
        foreach (var (image, argument) in ((string, string[])[])[(BaseImage, []), (SdkImage, ["--sdk"])])
        {
            if ((await DockerProgram.RunAsync("docker", ["image", "ls", "--quiet", image])).Length == 0) await DockerProgram.RunAsync(Path.Combine(DockerProgram.Root, "compose", "base-image"), argument);
        }
        if ((await DockerProgram.RunAsync("docker", ["image", "ls", "--quiet", PostgresImage])).Length == 0) await DockerProgram.RunAsync(Path.Combine(DockerProgram.Root, "compose", "database", "image"), []);
        await ComposeAsync("fedlab-tests", ComposeVariables, "build");
    }
}

using System.Globalization;
using FedLab.Coordinator.Configuration;
using FedLab.Coordinator.Enrolment;
using FedLab.Federation.Identity;
using Grpc.Core;

namespace FedLab.Coordinator.Services;

/// <summary>Who calls: the name and role of a certificate that was checked.</summary>
internal sealed record Caller(string Name, LabRole Role);

/// <summary>
/// Lets nobody in whose certificate the lab's authority did not issue for a participant or a lead, or who was put out, but to be enrolled. TLS takes any client
/// certificate and this refuses right behind it, because a handshake that fails tells the other side nothing it could show
/// to a person.
/// </summary>
internal sealed class AccessControl(RequestDelegate next, CoordinatorHome home, PartyRoster roster, StrangerGate strangers, TimeProvider time, ILogger<AccessControl> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (StrangerGate.IsOpen(http.Request.Path))
        {
            if (!await strangers.PassAsync(http, next)) await RefuseAsync(http, StatusCode.ResourceExhausted, Messages.TooManyStrangers);
            return;
        }
        var certificate = http.Connection.ClientCertificate;
        var refusal = certificate is null ? Messages.NoCertificate
            : LabCertificates.Refusal(certificate, home.Authority, role: null, time) is { } reason ? reason
            : LabCertificates.RoleOf(certificate) is null or LabRole.Coordinator ? LabCertificates.Refusal(certificate, home.Authority, LabRole.Participant, time)
            : roster.IsRevoked(certificate.PublicKey) ? Messages.CertificateRevoked(LabCertificates.NameOf(certificate))
            : null;
        if (refusal is not null)
        {
            Log.CallRefused(logger, http.Connection.RemoteIpAddress?.ToString() ?? "", refusal);
            await RefuseAsync(http, StatusCode.Unauthenticated, refusal);
            return;
        }
        http.Features.Set(new Caller(LabCertificates.NameOf(certificate!), LabCertificates.RoleOf(certificate!)!.Value));
        await next(http);
    }

    /// <summary>The caller of a method.</summary>
    /// <exception cref="RpcException">Its role may not call the method.</exception>
    public static Caller Require(ServerCallContext context, LabRole role)
    {
        var caller = CallerOf(context);
        return caller.Role == role ? caller : throw new RpcException(new Status(StatusCode.PermissionDenied, Messages.RoleMayNot(caller.Name, LabCertificates.UnitOf(caller.Role), LabCertificates.UnitOf(role))));
    }

    /// <summary>The caller of a method that is for all roles that come this far: participants and leads.</summary>
    /// <exception cref="RpcException">There is none.</exception>
    public static Caller CallerOf(ServerCallContext context) => context.GetHttpContext().Features.Get<Caller>() ?? throw new RpcException(new Status(StatusCode.Unauthenticated, Messages.NoCertificate));

    /// <summary>A gRPC answer of headers alone.</summary>
    private static Task RefuseAsync(HttpContext http, StatusCode code, string sentence)
    {
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = "application/grpc";
        http.Response.Headers["grpc-status"] = ((int)code).ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["grpc-message"] = Uri.EscapeDataString(sentence);
        return http.Response.CompleteAsync();
    }
}

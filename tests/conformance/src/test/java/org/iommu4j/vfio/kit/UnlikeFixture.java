package org.iommu4j.vfio.kit;

import java.util.function.Function;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.testkit.PhaseCall;
import org.iommu4j.testkit.VendorFixture;
import org.jspecify.annotations.Nullable;

/** A vendor like another, but for the domains of others than the DMA API. */
final class UnlikeFixture extends LikeFixture {
  private final Function<IommuDomain, ForwardingDomain> unlike;

  /**
   * Makes it.
   *
   * @param like the other
   * @param unlike makes of one of its domains the one that is seen
   */
  UnlikeFixture(VendorFixture like, Function<IommuDomain, ForwardingDomain> unlike) {
    super(like);
    this.unlike = unlike;
  }

  @Override
  @Nullable Object answer(PhaseCall call) throws Throwable {
    for (int i = 0; i < call.count(); i++) {
      if (call.argument(i) instanceof ForwardingDomain domain) {
        call.replace(i, domain.like());
      }
    }
    Object result = call.make();
    return result instanceof IommuDomain domain && domain.type() == DomainType.UNMANAGED
        ? unlike.apply(domain)
        : result;
  }
}

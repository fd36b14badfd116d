#!/usr/bin/env python3
"""config.py TITLE CONFIG: what a kernel's configuration says of the options that iommu4j reads.

It makes machine/src/main/resources/org/iommu4j/machine/debian-*.config from the file that Debian's
package linux-image has in /boot; `upstream.config` beside them is written by hand from Kconfig."""
import re
import sys

READ = re.compile(r"CONFIG_(X86_64|ACPI|PCI_(MSI|QUIRKS|ATS|PRI|PASID|IOV|BIOS)|HZ_\d+|VFIO_NOIOMMU"
                  r"|IOMMU_(SUPPORT|API|IOVA|DMA|DEFAULT_[A-Z_]+)|DMAR_TABLE|AMD_IOMMU|SWIOTLB(_DYNAMIC)?"
                  r"|INTEL_IOMMU(_(SVM|FLOPPY_WA|DEFAULT_[A-Z_]+|SCALABLE_MODE_DEFAULT_ON))?|DMA_API_DEBUG)$")


def main(title, path):
    print(f"# {title}")
    for line in open(path, encoding="ascii"):
        name, equals, value = line.strip().partition("=")
        if equals and READ.match(name):
            print(f"{name}={value}")


main(*sys.argv[1:])
